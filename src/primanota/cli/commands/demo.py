"""``primanota demo``: run everything with an invented company."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from primanota import profiles
from primanota.adapters.settings import config
from primanota.adapters.storage import disk
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.cli import texts
from primanota.cli.commands.export import FileOptions
from primanota.cli.commands.run import weekly_job
from primanota.cli.commands.web import serve
from primanota.cli.options.context import CommonOptions
from primanota.cli.options.selection import SelectionOptions
from primanota.cli.terminal import output, program
from primanota.core.commands import weekly_run
from primanota.core.disk_errors import disk_error
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.period import microseconds

# The demo's present time: with it and the seed, every demo has the same data.
_NOW = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
_MONTH = "2026-10"
_SIZE = 400
_SEED = 8
_FOLDER = Path("primanota-demo")
_BOOK = "demo.book"
# The commands that read the demo's book, named at its end.
_READING = (("review",), ("batches",), ("batches", "show", "1"))


@click.command()
@click.option("--to", type=click.Path(path_type=Path), default=_FOLDER, show_default=True, metavar="DIR")
@click.option("--web", "shows_page", is_flag=True, help="Show the company as a page in the browser, too.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print more on stderr.")
def demo(*, to: Path, shows_page: bool, as_json: bool, verbose: bool) -> None:
    """Run everything with an invented company.

    An account and a network are not needed.

    The files, and the book that they come from, are written to a folder.

    Example: primanota demo
    """
    from primanota.simulator import Simulator

    if to.exists() and not to.is_dir():
        raise DeliveryFailed(f"{to} is not a folder.", "Name another place with --to.")

    book = to / _BOOK
    with Simulator(size=_SIZE, seed=_SEED, clock=lambda: _NOW) as simulator:
        variables = {
            "PRIMANOTA_HOME": str(to),
            "PRIMANOTA_LOGIN": simulator.login,
            "PRIMANOTA_SECRET_KEY": simulator.secret,
            "PRIMANOTA_API_URL": "http://127.0.0.1",
        }
        settings, transport = config.load(variables), simulator.transport()
        workspaces = partial(Workspace, None, str(book), settings=settings, clock=lambda: _NOW, transport=transport)
        _clear(book)
        options = SelectionOptions(_MONTH, None, None)
        common = CommonOptions(None, str(book), as_json, verbose)
        weekly_job(workspaces(), profiles.load("lexware"), options, FileOptions(to=(str(to),)), common)
        if shows_page:
            serve(workspaces, opens=True, can_write=True)
    if not as_json:
        output.result(texts.upkeep().demo.stays)
        for words in _READING:
            output.result(f"  {common.command(*words)}")
        output.result(texts.upkeep().demo.page)
        output.result(f"  {program.command('demo', '--web')}")
        output.result(texts.upkeep().demo.invented)
        output.result(f"  {program.command('login')}")
        output.result(f"  {weekly_run(program=program.name())}")


def _clear(book: Path) -> None:
    """Delete the book of an earlier demo, and its files, except those that were changed since."""
    try:
        for path in _files_of(book):
            path.unlink()
        book.unlink(missing_ok=True)
    except OSError as error:
        message = f"{error.filename or book} cannot be replaced: {error.strerror or error}."
        failed = DeliveryFailed(message, "Name another place with --to.")
        raise disk_error(error, book, otherwise=failed) from None


def _files_of(book: Path) -> list[Path]:
    """Return the files that a book has written and that are as they were; none of a book that cannot be read."""
    if not book.is_file():
        return []
    with suppress(PrimanotaError), Book(book, lambda: microseconds(_NOW)) as earlier:
        batches = Batches(earlier).all()
        return [Path(one.path) for one in batches if one.path and disk.sha256_of(Path(one.path)) == one.sha256]
    return []
