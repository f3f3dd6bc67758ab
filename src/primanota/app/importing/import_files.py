"""Import files of statements into a book: all of them, or nothing."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import msgspec

from primanota import banks
from primanota.app.importing.progress_of_files import ProgressOfFiles
from primanota.app.proving.filed_statements import day_after, first_of, missing_numbers, order, prove_filed, spans_of
from primanota.app.syncing.named_rows import name_vanished
from primanota.app.workspace import Workspace
from primanota.book import ACCOUNT, ORGANISATION, TRANSACTION, Book, SeenTransactions
from primanota.book.journal import Journal
from primanota.book.records.checkpoints import BROUGHT_FORWARD
from primanota.book.records.index import FILED_STATEMENT
from primanota.core.errors import InvalidInput, NotProven
from primanota.core.model import COMPLETED, PENDING, Account, RawRecord
from primanota.core.notice import Notice
from primanota.core.period import END_OF_TIME, microseconds, midnight
from primanota.core.results import AppendCounts, SyncedAccount

_ROWS_AT_ONCE = 500
_CONTRADICTION = "Ask the bank which one is right; nothing was stored."


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
    with book.run("import"), book.writing():
        found = _Import(workspace, book, ProgressOfFiles(progress or banks.Silent())).run(paths)
        name_vanished(workspace.journal(book), found.accounts)
    return found


def require_filed_proven(done: Sequence[SyncedAccount]) -> None:
    """Raise an error (exit code 6) if an account is not proven.

    Raises:
        NotProven: the message names all such accounts.
    """
    if doubtful := [one.account.name for one in done if not one.proven]:
        hint = "What was imported is kept. Import the statements that are missing, in any order."
        raise NotProven(f"Not proven complete: {', '.join(doubtful)}.", hint)


class _Import:
    """An import, inside the book's ``writing``."""

    def __init__(self, workspace: Workspace, book: Book, progress: ProgressOfFiles) -> None:
        self._workspace = workspace
        self._book = book
        self._progress = progress
        self._files: banks.StatementFiles = banks.statement_files()
        self._counts: dict[str, AppendCounts] = {}
        self._changed: set[str] = set()
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
        rows = sum(one.counts.new + one.counts.changed + one.counts.same for one in found)
        return ImportedDocument(name, len(found), rows, len(new), sum(one.counts.new for one in found))

    def _filing(self, name: str, statement: banks.FiledStatement) -> "_Filing":
        return _Filing(self._book, self._files, name, statement, self._progress)

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
        book, key, counts = self._book, account.id, self._counts[account.id]
        chain = book.chain(key)
        book.keep_checkpoints(key, chain)
        found, last = prove_filed(book, key)
        reasons = list(found.reasons)
        before = book.proof_state(key)
        if key in self._changed:
            zone = self._workspace.time_zone(Journal(book, self._workspace.connector).organisation().country)
            before = before.followed_by(
                "doubtful" if reasons else "proven",
                microseconds(midnight(day_after(last), zone)),
                reasons,
                book.clock(),
            )
            book.set_proof_state(key, before)
        return SyncedAccount(account, counts, reasons=reasons, proof=found, found=before)


class _Filed(msgspec.Struct, frozen=True):
    """What became of a statement."""

    account: str
    is_new: bool
    counts: AppendCounts


class _Filing:
    """Stores one statement: its rows that the book does not have, its record, and its account if it is the newest."""

    def __init__(
        self,
        book: Book,
        files: banks.StatementFiles,
        name: str,
        statement: banks.FiledStatement,
        progress: ProgressOfFiles,
    ) -> None:
        self._progress = progress
        self._book = book
        self._files = files
        self._name = name
        self._statement = statement
        self._counts = AppendCounts()
        self._ids: set[str] = set()
        self._suspects: dict[str, int] = {}
        self._seen = SeenTransactions(book)

    def store(self, known: list[banks.StatedSpan]) -> _Filed:
        """Store the statement.

        Args:
            known: the statements of its account that the book has.

        Raises:
            InvalidInput: it contradicts what the book has.
        """
        book, span = self._book, self._statement.span
        before = book.bodies(FILED_STATEMENT).get(span.key)
        is_newest = all(order(one) <= order(span) for one in known)
        record = self._store_rows(is_newest=is_newest)
        self._refuse_contradictions()
        self._refuse_other_content(before, record)
        book.append(FILED_STATEMENT, [record], span.account)
        if is_newest:
            book.append(ACCOUNT, [self._statement.account])
            book.mark_absent(span.account, (PENDING,), END_OF_TIME, self._seen)
        opening = first_of([*known, span]).opening
        if opening != book.brought_forward(span.account):
            book.append(BROUGHT_FORWARD, [RawRecord(span.account, f"{opening}".encode())], span.account)
        return _Filed(span.account, before is None, self._counts)

    def _store_rows(self, *, is_newest: bool) -> RawRecord:
        """Store the rows that the book does not have; return the record of the statement."""
        end: list[RawRecord] = []

        def rows() -> Iterator[banks.FiledRow]:
            end.append((yield from self._statement.rows))

        taken = rows()
        while some := list(islice(taken, _ROWS_AT_ONCE)):
            self._progress.rows(len(some))
            self._store_some([one for one in some if is_newest or one.record.status != PENDING])
        return end[0]

    def _store_some(self, rows: list[banks.FiledRow]) -> None:
        known = self._book.statuses(one.record.id for one in rows)
        fresh = [one for one in rows if one.record.id not in known]
        settled = [one for one in rows if one.record.status == COMPLETED and known.get(one.record.id) == PENDING]
        for one in fresh:
            if one.family and self._book.completed_beginning_with(one.family) - self._ids:
                self._suspects.setdefault(one.family, one.line)
        self._ids |= {one.record.id for one in rows if one.family}
        self._seen.add(one.record for one in rows if one.record.status == PENDING)
        records = [one.record for one in (*fresh, *settled)]
        stored = self._book.append(TRANSACTION, records, self._statement.span.account)
        self._counts.add(stored)
        self._counts.same += len(rows) - len(records)

    def _refuse_contradictions(self) -> None:
        """Refuse a row whose reference the book has with another amount, and which this statement does not have."""
        for family, line in self._suspects.items():
            if self._book.completed_beginning_with(family) - self._ids:
                what = (
                    f"{self._name}, line {line}: an earlier statement has another amount for this reference and day."
                )
                raise InvalidInput(what, _CONTRADICTION)

    def _refuse_other_content(self, before: bytes | None, record: RawRecord) -> None:
        if before is not None and self._files.span(before).digest != self._files.span(record.body).digest:
            span = self._statement.span
            place, days = f"{self._name}, line {self._statement.line}", f"{span.first} to {span.last}"
            what = f"{place}: statement {span.name} of {days} is in the book with other rows or balances."
            raise InvalidInput(what, _CONTRADICTION)
