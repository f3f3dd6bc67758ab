"""``primanota check``: prove the book again."""

import sys
from collections.abc import Iterator

import click

from primanota.app.bank_of_book import asks_bank
from primanota.app.queries import book_views
from primanota.app.receipts.kept_files import CheckedFiles
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.reviewing.check import Check, check_bank, check_book
from primanota.app.running import views
from primanota.app.syncing.named_rows import NamedRows, rows_in
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.cli import texts
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.results.account_table import AccountLine, account_table
from primanota.cli.terminal import output
from primanota.cli.terminal.tables import TableColumn, money_of
from primanota.cli.texts import notice_words
from primanota.cli.texts.language import on_stdout
from primanota.core.errors import BankRefused, ConfigurationError, NotProven, PrimanotaError, ServiceUnavailable


@click.command()
@common_options
def check(*, common: CommonOptions) -> None:
    """Prove the book again.

    The credentials, the balance chain, the counts, the hash chain.

    Changes nothing. Without credentials or network it proves what the book alone can prove.

    Example: primanota check
    """
    workspace = common.workspace()
    workspace.takes_damaged_book = True
    found, rows, not_asked, has_bank = workspace.transaction(lambda book: _prove(workspace, book))
    if common.as_json:
        output.as_json(views.joined({"organisation": workspace.login}, book_views.check_view(found)))
    else:
        _print(found, rows, has_bank=has_bank)
    if not found.ok:
        raise NotProven("Not everything is proven.", "Look at the reasons above.")
    if not_asked:
        raise not_asked


def _prove(workspace: Workspace, book: Book) -> tuple[Check, NamedRows, PrimanotaError | None, bool]:
    """Return the check, the rows that it names, the error if the bank could not be asked, and if there is one."""
    journal = Journal(book, workspace.connector)
    found, not_asked = _asked(workspace, journal, check_book(journal, store_of(workspace)))
    reasons = [reason for _, state in found.each for reason in state.reasons]
    return found, rows_in(journal, reasons), not_asked, asks_bank(workspace, book)


def _asked(workspace: Workspace, journal: Journal, found: Check) -> tuple[Check, PrimanotaError | None]:
    if not asks_bank(workspace, journal.book):
        return found, None
    try:
        with workspace.bank() as bank:
            return check_bank(bank, journal, found), None
    except (ConfigurationError, BankRefused, ServiceUnavailable) as error:
        found.bank = error.message
        return found, error


def _print(found: Check, rows: NamedRows, *, has_bank: bool) -> None:
    words, heading = texts.upkeep().check, texts.tables().heading
    state = TableColumn(heading.proven)
    balances = (heading.opening, heading.closing, heading.bank)
    columns = (
        TableColumn(heading.account),
        TableColumn(heading.rows, "number"),
        *(TableColumn(one, "amount") for one in balances),
        state,
    )
    account_table(columns, _lines(found), state=state, empty=texts.tables().without_rows)
    for proof, proven in found.each:
        for reason in proven.reasons:
            why = notice_words.reason(reason, sys.stdout, rows)
            output.result(words.reason.format(account=found.name(proof), reason=why))
    broken = found.inconsistency
    output.result(words.chain_broken.format(what=broken) if broken else words.chain_whole)
    output.result(words.sound if found.sound else words.damaged)
    _print_files(found.files)
    for one in found.statements:
        output.result(words.statement_differs.format(what=notice_words.sentence(one, sys.stdout)))
    if not has_bank:
        output.result(texts.imports().no_bank)
        return
    output.result(words.not_accepted.format(reason=found.bank) if found.bank else words.accepted)


def _print_files(files: CheckedFiles) -> None:
    """Print how many receipts and statements are whole, if there are any, and those that are not."""
    words = texts.upkeep().check
    if files.whole:
        output.result(on_stdout().counted(words.files_whole, files.whole))
    for one in files.damaged:
        sentence = words.file_missing if one.state == "missing" else words.file_changed
        output.result(sentence.format(path=one.file.path, place=files.place))


def _lines(found: Check) -> Iterator[AccountLine]:
    for proof, state in found.each:
        account = found.accounts[proof.account_id]
        balances = (proof.opening, proof.closing, proof.balance)
        values = (str(proof.rows), *(money_of(one, account.currency) for one in balances))
        yield AccountLine(account.name, values, state.state, is_empty=not proof.rows and not any(balances))
