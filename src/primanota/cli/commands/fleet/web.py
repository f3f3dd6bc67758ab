"""``primanota fleet web``: the page of a fleet, in a browser of this machine."""

import click

from primanota.adapters.settings import terminal
from primanota.cli.commands.fleet.database import FleetOptions, clock, fleet_options_without_summary
from primanota.cli.commands.web import serve_pages

_CONNECTIONS = 4


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="A port; a free one by default.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.option("--write", "can_write", is_flag=True, help="Allow changes: retry, pause and resume clients.")
@fleet_options_without_summary
def web(*, port: int, opens: bool, can_write: bool, where: FleetOptions) -> None:
    """Show the clients by weeks as a page in a browser of this machine: who needs somebody, who is late, and why.

    The page is read-only without --write. The printed address opens it once; it ends with Ctrl-C, or after an hour
    without a request.

    Example: primanota fleet web --open
    """
    if where.as_json:
        raise click.UsageError("A page has no summary; “primanota fleet status --json” has what it shows.")
    from primanota.web.fleet_pages import fleet_pages  # slow to import

    with where.opened(connections=_CONNECTIONS) as database:
        pages = fleet_pages(database, clock(), terminal.chosen_language())
        serve_pages(pages, port=port, opens=opens, can_write=can_write)
