"""``primanota receipts``: fetch the receipts of rows, hand them out under speaking names, say which are missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from primanota.app.bank_of_book import require_bank
from primanota.app.exporting.selection import choose_accounts
from primanota.app.receipts import fetch_new as use_cases
from primanota.app.receipts.fetch_receipts import FetchedFiles
from primanota.app.receipts.receipt_archive import HandedOutFile, ReceiptArchive, hand_out
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.reviewing.missing_receipts import MemberWithout, missing_receipts
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.accounts import accounts_option
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.period import PeriodOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.progress import bar
from primanota.cli.terminal.tables import Cell, TableColumn
from primanota.cli.texts.language import on_stdout
from primanota.core.errors import InvalidInput
from primanota.core.model import Account
from primanota.core.period import Period
from primanota.core.results import Finding
from primanota.core.text import clean
from primanota.export.destinations import parse_destinations

_KILOBYTE = 1000


class _Chosen(NamedTuple):
    """The accounts and the days of a command."""

    accounts: list[Account]
    period: Period | None

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(account.id for account in self.accounts)


@click.group(invoke_without_command=True)
@period_options.options
@accounts_option
@click.option("--to", metavar="DIR", help="Write the receipts that are here into a folder; ask no bank.")
@click.option("--repair", is_flag=True, help="Fetch those again whose files are missing or were changed.")
@common_options
@click.pass_context
def receipts(
    ctx: click.Context,
    *,
    options: PeriodOptions,
    wanted: tuple[str, ...],
    to: str | None,
    repair: bool,
    common: CommonOptions,
) -> None:
    """Fetch the receipts of rows, and keep them beside the book.

    The files that people have attached to rows, and the copies that the bank has sealed: all that are not here yet,
    or those of a period. Run “primanota sync” first. With --to they are written into a folder, under names made of
    day, counterparty and amount; no file there is overwritten.

    Example: primanota receipts --period last-month --to receipts
    """
    if ctx.invoked_subcommand:
        return
    if to and repair:
        raise InvalidInput("--to and --repair exclude each other.", "Use one of them.")
    if repair and (options.given or wanted):
        raise InvalidInput("--repair looks at every kept file.", "Leave the period and --account out.")
    workspace = common.workspace()
    if to:
        _hand_out(workspace, options, wanted, _folder(to), common)
        return
    done, left = workspace.transaction(lambda book: _fetch(workspace, book, options, wanted, repair=repair))
    error = use_cases.incomplete(done)
    if common.verbose:
        output.info(f"The receipts are in {store_of(workspace).place}.")
    if common.as_json:
        data = {"receipts": done.receipts, "sealed": done.sealed, "size": done.size, "waiting": done.waiting}
        state = {"left": left, "problems": dict(done.problems), "place": store_of(workspace).place}
        output.as_json({"organisation": workspace.login, **data, **state, **output.error_data(error)})
    else:
        _print_fetched(done, left)
    for one in use_cases.problems(done) if not done.error else ():
        output.notice(one)
    if error:
        raise error


@receipts.command()
@period_options.options
@accounts_option
@click.option("--text", "as_text", is_flag=True, help="A text for each member that asks for the receipts.")
@common_options
def missing(*, options: PeriodOptions, wanted: tuple[str, ...], as_text: bool, common: CommonOptions) -> None:
    """Show which rows lack a receipt, member by member.

    Rows for which the bank requires a receipt and has none, unless it is marked as lost there or put away here. With
    --text a text for each member in the company's language, to be sent by mail or chat.

    Example: primanota receipts missing --period last-month
    """
    workspace = common.workspace()

    def work(book: Book) -> tuple[list[MemberWithout], bool]:
        journal = workspace.journal(book)
        chosen = _choose(workspace, journal, options, wanted)
        of_files = bool(chosen.accounts) and all(account.from_files for account in chosen.accounts)
        return missing_receipts(workspace, journal, chosen.ids, chosen.period), of_files

    found, of_files = workspace.transaction(work)
    if common.as_json:
        output.as_json({"organisation": workspace.login, "members": list(map(_member_data, found))})
    elif not found:
        words = texts.receipts()
        output.result(words.not_stated if of_files else words.none_missing)
    elif as_text:
        for one in found:
            output.block(f"{one.text}\n", output.result)
    else:
        _print_missing(found)


def _folder(to: str) -> Path:
    local = parse_destinations([to]).local
    if not local:
        raise InvalidInput(f"“{to}” is not a place on this machine.", "Name a folder.")
    return local


def _choose(workspace: Workspace, journal: Journal, options: PeriodOptions, wanted: Sequence[str]) -> _Chosen:
    period = options.resolve(workspace.calendar(journal)) if options.given else None
    return _Chosen(choose_accounts(journal.accounts(), wanted), period)


def _fetch(
    workspace: Workspace, book: Book, options: PeriodOptions, wanted: Sequence[str], *, repair: bool
) -> tuple[FetchedFiles, int]:
    """Fetch what was chosen; return it, and of how many rows of all something is still to be fetched."""
    require_bank(workspace, book)
    journal = workspace.journal(book)
    chosen = _choose(workspace, journal, options, wanted)
    with workspace.bank() as bank, bar() as progress:
        if repair:
            done = use_cases.repair(workspace, bank, book, progress)
        else:
            done = use_cases.fetch(workspace, bank, book, progress, accounts=chosen.ids, period=chosen.period)
    return done, sum(1 for _ in journal.receipts().wanted())


def _print_fetched(done: FetchedFiles, left: int) -> None:
    words, writing = texts.receipts(), on_stdout()
    counts = ((words.receipts, done.receipts), (words.sealed, done.sealed))
    what = ", ".join(writing.counted(plural, number) for plural, number in counts if number)
    if what:
        output.result(words.summary.format(what=what, size=writing.number(-(-done.size // _KILOBYTE))))
    elif not left:
        output.result(words.nothing)
    if done.waiting:
        output.result(writing.counted(words.waiting, done.waiting))
    if left > done.waiting:
        output.result(writing.counted(words.left, left))


def _hand_out(
    workspace: Workspace, options: PeriodOptions, wanted: Sequence[str], folder: Path, common: CommonOptions
) -> None:
    def work(book: Book) -> list[HandedOutFile]:
        journal = workspace.journal(book)
        chosen = _choose(workspace, journal, options, wanted)
        archive = ReceiptArchive(journal, store_of(workspace))
        return list(hand_out(archive, archive.rows_with_receipts(chosen.accounts, chosen.period), folder))

    files = workspace.transaction(work)
    if common.as_json:
        output.as_json({"organisation": workspace.login, "files": list(map(_file_data, files))})
        return
    new = on_stdout().number(sum(one.is_new for one in files))
    output.result(on_stdout().counted(texts.receipts().handed_out, len(files), folder=folder, new=new))


def _file_data(one: HandedOutFile) -> dict[str, object]:
    about = {"path": f"{one.path}", "id": one.row.id, "kind": one.kind}
    return {**about, "sha256": one.file.sha256, "size": one.file.size, "new": one.is_new}


def _member_data(one: MemberWithout) -> dict[str, object]:
    rows = [
        {
            "id": found.transaction.id,
            "day": found.day,
            "account": found.account.name,
            "counterparty": found.transaction.party,
            "amount_cents": found.transaction.amount.cents,
            "currency": found.transaction.amount.currency,
        }
        for found in one.rows
    ]
    return {"member": one.name, "rows": rows, "text": one.text}


def _print_missing(found: Sequence[MemberWithout]) -> None:
    heading = texts.tables().heading
    columns = (
        TableColumn(heading.member),
        TableColumn(heading.day, "word"),
        TableColumn(heading.account),
        TableColumn(heading.counterparty, "text"),
        TableColumn(heading.amount, "amount"),
        TableColumn(heading.currency, "word", for_programs=True),
    )
    nobody = texts.receipts().without_member
    rows = [(clean(one.name) or nobody, *_cells(row)) for one in found for row in one.rows]
    notes = [on_stdout().counted(texts.receipts().missing, len(rows))]
    output.table(columns, rows, notes=notes)


def _cells(row: Finding) -> Sequence[Cell]:
    amount = row.transaction.amount
    return row.day, row.account.name, clean(row.transaction.party), amount, amount.currency
