"""``primanota profiles``: which tools, which columns, which rules."""

from pathlib import Path

import click

from primanota import profiles as known
from primanota.cli import show
from primanota.cli.export import ProfileName
from primanota.errors import ConfigMistake, WrongWords
from primanota.profiles.checking import mistakes


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
        show.as_json({"profiles": [_summary(one) for one in found]})
        return
    headings = ("Profile", "Country", "Format", "Verified by", "Tool")
    show.table(headings, ((one.name, one.country, one.format, one.verified, one.title) for one in found))


@profiles.command("show")
@click.argument("name", type=ProfileName())
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def show_one(name: str, *, as_json: bool) -> None:
    """Show a profile's columns and rules.

    Example: primanota profiles show lexware
    """
    profile = known.load(name)
    if as_json:
        show.as_json({**_summary(profile), "source": profile.source, "text": profile.text})
        return
    show.tell(profile.text.rstrip())


@profiles.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
def check(file: Path, *, as_json: bool) -> None:
    """Name every mistake in a profile of yours.

    Each with its line, and what to do.

    Example: primanota profiles check mine.toml
    """
    try:
        found = mistakes(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongWords(f"The profile {file} cannot be read: {error}.", "Name a TOML file in UTF-8.") from None
    if as_json:
        show.as_json({"file": str(file), "mistakes": [one._asdict() for one in found]})
    for one in () if as_json else found:
        show.tell(f"{file}, line {one.line}: {one.what} {one.do}")
    if found:
        raise ConfigMistake(f"{file} has {len(found)} mistake{'s' if len(found) > 1 else ''}.", "Mend them all.")
    if not as_json:
        show.tell(f"{file} is right.")


def _summary(profile: known.Profile) -> dict[str, object]:
    return {
        "name": profile.name,
        "title": profile.title,
        "format": profile.format,
        "country": profile.country,
        "verified": profile.verified,
    }
