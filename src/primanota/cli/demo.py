"""``primanota demo``: run everything with an invented company."""

from datetime import UTC, datetime
from pathlib import Path

import click

from primanota import profiles
from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.cli import output
from primanota.cli.context import CommonOptions
from primanota.cli.export import FileOptions
from primanota.cli.run import weekly_job
from primanota.cli.selection_options import SelectionOptions
from primanota.core.disk_errors import disk_error
from primanota.core.errors import DeliveryFailed

# The demo's present time: with it and the seed, every demo has the same data.
_NOW = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
_MONTH = "2026-10"
_SIZE = 400
_SEED = 8
_FOLDER = Path("primanota-demo")


@click.command()
@click.option(
    "--to", type=click.Path(path_type=Path), default=Path("primanota-demo"), show_default=True, metavar="DIR"
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print more on stderr.")
def demo(*, to: Path, as_json: bool, verbose: bool) -> None:
    """Run everything with an invented company.

    An account and a network are not needed.

    The files, and the book that they come from, are written to a folder.

    Example: primanota demo
    """
    from primanota.simulator import Simulator

    if to.exists() and not to.is_dir():
        raise DeliveryFailed(f"{to} is not a folder.", "Name another place with --to.")

    with Simulator(size=_SIZE, seed=_SEED, clock=lambda: _NOW) as simulator:
        variables = {
            "PRIMANOTA_HOME": str(to),
            "PRIMANOTA_LOGIN": simulator.login,
            "PRIMANOTA_SECRET_KEY": simulator.secret,
            "PRIMANOTA_API_URL": "http://127.0.0.1",
        }
        workspace = Workspace(settings=config.load(variables), clock=lambda: _NOW, transport=simulator.transport())
        _clear(Path(workspace.place))
        options = SelectionOptions(_MONTH, None, None)
        common = CommonOptions(None, None, as_json, verbose)
        weekly_job(workspace, profiles.load("lexware"), options, FileOptions(to=(str(to),)), common)
    if not as_json:
        output.result("This was an invented company. For your own: primanota login")


def _clear(book: Path) -> None:
    """Delete the book of an earlier demo."""
    try:
        book.unlink(missing_ok=True)
    except OSError as error:
        message = f"{book} cannot be replaced: {error.strerror or error}."
        failed = DeliveryFailed(message, "Name another place with --to.")
        raise disk_error(error, book, otherwise=failed) from None
