"""Import files of statements into a book: all of them, or nothing."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from pathlib import Path

import msgspec

from primanota import banks
from primanota.app.importing.filing import Doubt, Filing
from primanota.app.importing.progress_of_files import ProgressOfFiles
from primanota.app.proving.filed_statements import day_after, missing_numbers, prove_filed, spans_of
from primanota.app.syncing.named_rows import name_vanished
from primanota.app.workspace import Workspace
from primanota.book import ORGANISATION, Book
from primanota.book.journal import Journal
from primanota.core.balance_chain import Chain
from primanota.core.errors import InvalidConfiguration, InvalidInput
from primanota.core.model import Account
from primanota.core.notice import Notice
from primanota.core.period import microseconds, midnight, moment
from primanota.core.results import AppendCounts, SyncedAccount


class ImportedDocument(msgspec.Struct, frozen=True):
    """A document: how many statements and rows it has, and how many of each the book did not have before."""

    name: str
    statements: int
    rows: int
    new_statements: int
    new_rows: int


class Imported(msgspec.Struct, frozen=True):
    """The documents of an import, the accounts of which they have statements, and notes for a person."""

    documents: list[ImportedDocument]
    accounts: list[SyncedAccount]
    notes: list[Notice]


def import_statements(
    workspace: Workspace, paths: Sequence[Path], progress: banks.Progress | None = None
) -> Imported:
    """Import files into the book of a workspace, which is created if it does not exist.

    Args:
        workspace: the organisation.
        paths: files of camt.053, or archives of them, in any order.
        progress: counts the pieces of the files as pages.

    Raises:
        InvalidInput: a file cannot be read, or contradicts another one or the book; then nothing is stored.
    """
    return workspace.transaction(lambda book: import_into(workspace, book, paths, progress), create=True)


def import_into(
    workspace: Workspace, book: Book, paths: Sequence[Path], progress: banks.Progress | None = None
) -> Imported:
    """Import files into an open book: see ``import_statements``."""
    shown = progress or banks.Silent()
    Journal(book, workspace.connector).bring_up_to_date(shown)
    with book.run("import"), book.writing():
        found = _Import(workspace, book, ProgressOfFiles(shown)).run(paths)
        name_vanished(workspace.journal(book), found.accounts)
    return found


class _Import:
    """An import, inside the book's ``writing``."""

    def __init__(self, workspace: Workspace, book: Book, progress: ProgressOfFiles) -> None:
        self._workspace = workspace
        self._book = book
        self._progress = progress
        self._files: banks.StatementFiles = banks.statement_files()
        self._counts: dict[str, AppendCounts] = {}
        self._changed: set[str] = set()
        self._doubts: dict[str, list[Doubt]] = {}
        known = Journal(book, workspace.connector).accounts()
        self._of_bank = {one.iban: one for one in known if one.iban and not one.from_files}

    def run(self, paths: Sequence[Path]) -> Imported:
        """Import the files, and prove their accounts."""
        self._progress.expect(paths)
        documents = [
            self._document(name, statements)
            for path in paths
            for name, statements in self._files.read(path, self._progress.piece)
        ]
        journal = Journal(self._book, self._workspace.connector)
        accounts = {one.id: one for one in journal.accounts()}
        done, notes = [], list[Notice]()
        for key in self._counts:
            done.append(self._prove(accounts[key]))
            notes += missing_numbers(accounts[key], spans_of(self._book, key, self._files))
        return Imported(documents, done, notes)

    def _document(self, name: str, statements: Iterator[banks.FiledStatement]) -> ImportedDocument:
        found = [self._filing(name, one).store(self._prepare(name, one)) for one in statements]
        new = [one for one in found if one.is_new]
        self._changed |= {one.account for one in found if one.is_new or one.counts.new or one.counts.changed}
        for one in found:
            self._counts[one.account].add(one.counts)
            self._doubts.setdefault(one.account, []).extend(one.doubts)
        rows = sum(one.counts.new + one.counts.changed + one.counts.same for one in found)
        return ImportedDocument(name, len(found), rows, len(new), sum(one.counts.new for one in found))

    def _filing(self, name: str, statement: banks.FiledStatement) -> Filing:
        return Filing(self._book, self._files, name, statement, self._progress)

    def _prepare(self, name: str, statement: banks.FiledStatement) -> list[banks.StatedSpan]:
        """Refuse an account that the bank is asked for; note the account, and begin the book if it is empty.

        Returns:
            The statements of the account that the book has.
        """
        book, key = self._book, statement.span.account
        if other := self._of_bank.get(key.partition("-")[0]):
            what = f"{name}, line {statement.line}: {other.name} ({other.iban}) is an account that syncs read."
            raise InvalidInput(what, "Its rows would be in the book twice: leave its statements out.")
        if not book.bodies(ORGANISATION):
            organisation = self._files.organisation(statement.account.body, self._workspace.login)
            book.append(ORGANISATION, [organisation])
        self._counts.setdefault(key, AppendCounts())
        return spans_of(book, key, self._files)

    def _prove(self, account: Account) -> SyncedAccount:
        """Prove an account; a row in doubt is a contradiction if the balances of its day do not add up.

        Raises:
            InvalidInput: what stands in two statements differs, and so do the balances.
        """
        book, key, counts = self._book, account.id, self._counts[account.id]
        chain = book.chain(key)
        book.keep_checkpoints(key, chain)
        found, last = prove_filed(book, key)
        reasons = list(found.reasons)
        if reasons:
            _refuse_contradictions(self._doubts[key], chain)
        before = book.proof_state(key)
        if key in self._changed:
            zone = self._workspace.time_zone(Journal(book, self._workspace.connector).organisation().country)
            _require_same_days(zone, book.last_settled(key))
            before = before.followed_by(
                "doubtful" if reasons else "proven",
                microseconds(midnight(day_after(last), zone)),
                reasons,
                book.clock(),
            )
            book.set_proof_state(key, before)
        return SyncedAccount(account, counts, reasons=reasons, proof=found, found=before)


def _refuse_contradictions(doubts: Sequence[Doubt], chain: Chain) -> None:
    """Refuse the first row in doubt on a day whose rows do not follow from each other, or whose statement they miss.

    A gap between two days is a missing statement, and says nothing of the rows on both sides.
    """
    days = {moment(gap.after_settled).date() for gap in chain.gaps if gap.before_settled == gap.after_settled}
    for doubt in doubts:
        if doubt.day in days or not chain.gaps:
            raise doubt.error


def _require_same_days(zone: tzinfo, noted: int | None) -> None:
    """Refuse a time zone in which the days of statements would be others than those that the bank wrote."""
    at = None if noted is None else moment(noted)
    if at and at.astimezone(zone).date() != at.date():
        what = f"Statements of a bank cannot be imported in the time zone {zone}, whose days begin too far from UTC."
        raise InvalidConfiguration(what, "Set “timezone” to a zone from UTC-10 to UTC+13.")
