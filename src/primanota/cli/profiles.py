"""``primanota profiles``: which tools, which columns, which rules."""

import click

from primanota import profiles as known
from primanota.cli import show
from primanota.cli.export import ProfileName


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
@click.pass_context
def profiles(ctx: click.Context, *, as_json: bool) -> None:
    """List the accounting tools.

    Example: primanota profiles show lexware
    """
    if ctx.invoked_subcommand:
        return
    found = [known.load(name) for name in known.names()]
    if as_json:
        show.as_json({"profiles": [{"name": one.name, "title": one.title, "format": one.format} for one in found]})
    else:
        show.table(("Profile", "Format", "Tool"), ((one.name, one.format, one.title) for one in found))


@profiles.command("show")
@click.argument("name", type=ProfileName())
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def show_one(name: str, *, as_json: bool) -> None:
    """Show a profile's columns and rules.

    Or check one of your own: a path to a .toml.

    Example: primanota profiles show lexware
    """
    profile = known.load(name)
    if as_json:
        show.as_json({"name": profile.name, "title": profile.title, "source": profile.source, "text": profile.text})
        return
    show.tell(profile.text.rstrip())
