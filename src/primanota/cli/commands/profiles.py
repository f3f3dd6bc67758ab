"""``primanota profiles``: list and show accounting tools, check and learn profiles."""

from itertools import chain, repeat, zip_longest
from pathlib import Path

import click

from primanota import profiles as known
from primanota.app.queries.sample_rows import SampleRows, cells, sample_rows
from primanota.cli.commands.export import ProfileName
from primanota.cli.commands.learn import learn
from primanota.cli.options.listing_group import ListingGroup
from primanota.cli.terminal import output
from primanota.cli.terminal.sentences import folded
from primanota.cli.terminal.tables import TableColumn, as_many_as_fit, is_terminal, terminal_width
from primanota.core.errors import InvalidProfile
from primanota.core.toml_validation import Mistake
from primanota.profiles import Profile
from primanota.profiles.validation import mistakes

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")

_COLUMNS = [*map(TableColumn, ("Profile", "Tool", "Country", "Format", "Verified"))]
# So many columns are shown where the terminal is too narrow for all.
_ENOUGH = (4, 3)
# The width of the names of facts.
_INDENT = 10
_LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian"}


@click.group(cls=ListingGroup, takes="show", invoke_without_command=True)
@click.option("--country", metavar="CODE", help="Those of a country, as DE or at, and those of every country.")
@click.option("--search", metavar="TEXT", help="Those whose name, tool, country or format has this text.")
@_AS_JSON
@click.pass_context
def profiles(ctx: click.Context, *, country: str | None, search: str | None, as_json: bool) -> None:
    """List the accounting tools, those of a country, or those with a text.

    Or show one of them, check a profile of your own, or learn one from a file.

    Example: primanota profiles show lexware
    """
    if ctx.invoked_subcommand:
        return
    loaded = (known.load(name) for name in known.names())
    found = [one for one in loaded if _is_of(one, country) and _has(one, search)]
    if as_json:
        output.as_json({"profiles": [_summary(one) for one in found]})
    else:
        if not found:
            output.info("No profile is like that. Of your own: primanota help own-profile")
            return
        rows = [(one.name, one.title, one.country, one.format, one.verified) for one in found]
        output.table(*as_many_as_fit(_COLUMNS, rows, _ENOUGH))


@profiles.command("show")
@click.argument("name", type=ProfileName())
@click.option("--text", "as_text", is_flag=True, help="Print the text of the profile.")
@_AS_JSON
def show_one(name: str, *, as_text: bool, as_json: bool) -> None:
    """Show a profile's columns and rules.

    With the newest row of your book as an example, or an invented one.

    Example: primanota profiles show lexware
    """
    profile = known.load(name)
    if as_text and not as_json:  # which has the text, too
        output.block(profile.text.rstrip(), output.line)
        return
    example = sample_rows(1)
    *_, row = cells(profile, example.statement)
    pairs = getattr(profile.options, "columns", [(heading, "") for heading in profile.headings])
    columns = [(heading, template, cell) for (heading, template), cell in zip(pairs, row, strict=True)]
    if as_json:
        output.as_json(_summary(profile) | _more(profile, columns, example))
    else:
        _print(profile, columns, example)


@profiles.command()
@click.argument("file", type=click.Path(path_type=Path))
@_AS_JSON
def check(file: Path, *, as_json: bool) -> None:
    """Name every mistake of a profile.

    Each with its line and what to do about it. FILE is a .toml file.

    Example: primanota profiles check my-tool.toml
    """
    found = mistakes(known.read(file))
    if as_json:
        output.as_json({"path": str(file), "mistakes": [_mistake(one) for one in found]})
    else:
        for mistake in found:
            output.result(f"{file}:{mistake.line}: {mistake.message} {mistake.hint}".rstrip())
    if found:
        many = "a mistake" if len(found) == 1 else f"{len(found)} mistakes"
        raise InvalidProfile(f"{file} has {many}.", "Correct the profile.")
    if not as_json:
        output.result(f"{file} has no mistakes.")


profiles.add_command(learn)


def _is_of(profile: Profile, country: str | None) -> bool:
    """Return whether a profile is for a country, or for all of them."""
    return country is None or bool({country.strip().upper(), "ALL"} & {*profile.country.upper().split()})


def _has(profile: Profile, text: str | None) -> bool:
    """Return whether a profile's description has every word of a text, whatever the capitals."""
    described = " ".join((profile.name, *profile.aliases, profile.title, profile.country, profile.format)).casefold()
    return all(word in described for word in (text or "").casefold().split())


def _mistake(one: Mistake) -> dict[str, object]:
    return {"line": one.line, "message": one.message, "hint": one.hint}


def _summary(profile: Profile) -> dict[str, object]:
    names = ("name", "aliases", "title", "country", "format", "verified", "source")
    return {name: getattr(profile, name) for name in names}


def _more(profile: Profile, columns: list[tuple[str, str, str]], example: SampleRows) -> dict[str, object]:
    """Return what is printed of a single profile in addition."""
    return {
        "rules": list(profile.rules.in_words()),
        "purpose_language": profile.purpose_language,
        "columns": [dict(zip(("column", "template", "example"), column, strict=True)) for column in columns],
        "invented": example.invented,
        "text": profile.text,
    }


def _print(profile: Profile, columns: list[tuple[str, str, str]], example: SampleRows) -> None:
    output.result(profile.title)
    output.result()
    for name, fact in _summary(profile).items():
        if name != "title" and fact:
            _print_fact(name.capitalize(), ", ".join(fact) if isinstance(fact, tuple) else f"{fact}")
    if language := _LANGUAGES.get(profile.purpose_language):
        _print_fact("Purpose", f"In {language}, where a row has no reference.")
    for name, rule in zip(chain(["Rules"], repeat("")), profile.rules.in_words(), strict=False):
        _print_fact(name, rule)
    if any(template for _, template, _ in columns):
        output.table(("Column", "Template", "Example"), columns)
    else:
        output.table(("It shows", "Example"), ((name, cell) for name, _, cell in columns))
    output.line(example.origin)


def _print_fact(name: str, text: str) -> None:
    """Print a fact behind its name; in a terminal that is too narrow, on several lines below each other."""
    lines = folded(text, terminal_width() - _INDENT) if is_terminal() else [text]
    for label, one in zip_longest([name], lines, fillvalue=""):
        output.line(f"{label:{_INDENT}}{one}")
