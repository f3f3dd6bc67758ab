"""``primanota statements``: fetch the bank's own monthly statements, and hold their balances against the book."""

from collections.abc import Sequence

import click

from primanota.app.bank_of_book import require_bank
from primanota.app.receipts import fetch_new as use_cases
from primanota.app.receipts.fetch_receipts import FetchedFiles
from primanota.app.receipts.kept_files import differences
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.receipts.statements import ComparedStatement, compared, fetch_statements, read_again
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import texts
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.cli.terminal.tables import Cell, StateCell, TableColumn, money_of
from primanota.core.notice import Notice

_IS_GOOD = {"agrees": True, "differs": False}


@click.command()
@common_options
def statements(*, common: CommonOptions) -> None:
    """Fetch the bank's monthly statements, and compare them with the book.

    The PDFs are kept beside the book. Where the opening and the closing balance can be read in one, they are held
    against the book's own: a second witness. What cannot be read is said, and never guessed.

    Example: primanota statements
    """
    workspace = common.workspace()
    done, found, notes = workspace.transaction(lambda book: _fetch(workspace, book))
    error = use_cases.incomplete(done)
    if common.as_json:
        data = {"organisation": workspace.login, "statements": list(map(_data, found))}
        output.as_json({**data, **output.error_data(error)})
    elif found:
        output.table(_columns(), map(_row, found))
    elif not error:
        output.result(texts.receipts().no_statements)
    for one in [*notes, *(use_cases.problems(done) if not done.error else ())]:
        output.notice(one)
    if error:
        raise error


def _fetch(workspace: Workspace, book: Book) -> tuple[FetchedFiles, list[ComparedStatement], list[Notice]]:
    require_bank(workspace, book)
    journal, store = workspace.journal(book), store_of(workspace)
    with workspace.bank() as bank, bar() as progress:
        done = fetch_statements(bank, book, journal, store, progress)
    read_again(book, journal, store)
    return done, compared(journal), list(differences(journal))


def _columns() -> Sequence[TableColumn]:
    words, heading = texts.receipts(), texts.tables().heading
    return (
        TableColumn(words.month, "word"),
        TableColumn(heading.account),
        TableColumn(words.stated_opening, "amount"),
        TableColumn(words.stated_closing, "amount"),
        TableColumn(words.witness),
    )


def _row(one: ComparedStatement) -> Sequence[Cell]:
    words, balances, currency = texts.receipts(), one.statement.balances, one.account.currency
    said = getattr(words, one.witness)
    if one.witness == "unread":
        said = f"{said}: {getattr(words, balances.reason)}"
    amounts = (money_of(cents, currency) for cents in (balances.opening, balances.closing))
    return (one.statement.month, one.account.name, *amounts, StateCell(said, _IS_GOOD.get(one.witness)))


def _data(one: ComparedStatement) -> dict[str, object]:
    file, balances = one.statement.file, one.statement.balances
    return {
        "month": one.statement.month,
        "account": one.account.name,
        "sha256": file.sha256,
        "size": file.size,
        "stated_opening_cents": balances.opening,
        "stated_closing_cents": balances.closing,
        "opening_cents": one.opening,
        "closing_cents": one.closing,
        "comparison": one.witness,
        "reason": balances.reason,
    }
