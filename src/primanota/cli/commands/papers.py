"""``primanota papers``: describe the procedure of this installation, and log the receptions."""

from pathlib import Path

import click

from primanota.app.papers.describe_procedure import DescribedMachine
from primanota.app.papers.write_papers import FORMATS, PapersRequest, WrittenPaper, write_papers
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.period import PeriodOptions
from primanota.cli.terminal import output
from primanota.core.errors import InvalidInput
from primanota.core.language.catalogue import language_of_country
from primanota.export.destinations import parse_destinations
from primanota.papers.description import LANGUAGES


@click.command()
@click.option(
    "--to", default=".", metavar="DIR", help="The folder that receives the files. Default: the current one."
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="The language of the description. Default: by the company's country, else English.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="The description as pdf or md, the log of receptions as csv. May be given more than once. Default: all.",
)
@period_options.options
@common_options
def papers(
    *,
    to: str,
    language: str | None,
    formats: tuple[str, ...],
    options: PeriodOptions,
    common: CommonOptions,
) -> None:
    """Write the papers of this installation: a description of the procedure, and the log of receptions.

    The description (in German a Verfahrensdokumentation) says where the data come from, who may do what, how
    completeness is proven, where things are kept, and how the run starts: as PDF/A, and as Markdown to be completed.
    The log is a CSV with each reading of the bank, its result and the hash afterwards; a period chooses the readings
    of its days, in the log and where the description sums it. Reads settings and book only.
    It supports a procedure under GoBD or a French audit trail, and certifies nothing.

    Example: primanota papers --to ~/adviser --language de --period 2026
    """
    workspace, folder = common.workspace(), _folder(to)

    def write(book: Book) -> list[WrittenPaper]:
        journal = workspace.journal(book)
        with book.reading():
            period = options.resolve(workspace.calendar(journal)) if options.given else None
            spoken, machine = _language(workspace, journal, language), DescribedMachine.current()
            request = PapersRequest(folder, spoken, formats or FORMATS, period, machine)
            return write_papers(workspace, journal, request)

    written = workspace.transaction(write)
    if common.as_json:
        files = [{"path": f"{one.path}", "new": one.is_new} for one in written]
        output.as_json({"organisation": workspace.login, "files": files})
        return
    for one in written:
        output.result(texts.closing().paper.format(path=one.path))


def _folder(to: str) -> Path:
    local = parse_destinations([to]).local
    if not local:
        raise InvalidInput(f"“{to}” is not a place on this machine.", "Name a folder.")
    return local


def _language(workspace: Workspace, journal: Journal, wanted: str | None) -> str:
    usual = workspace.config.language(workspace.login) or language_of_country(journal.organisation().country)
    return wanted or (usual if usual in LANGUAGES else "en")
