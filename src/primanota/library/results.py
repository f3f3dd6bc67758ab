"""Results of the library: what a sync, an export and a proof have found. Frozen structs; amounts are cents."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from primanota.app.running.run_report import RunReport
from primanota.core.account_proof import AccountProof
from primanota.core.language.notices import notice_text
from primanota.core.model import Account, TextChange
from primanota.core.notice import Notice
from primanota.core.proof_state import State, verdict
from primanota.core.results import AccountExport, Batch, SyncedAccount


class SyncedBookAccount(msgspec.Struct, frozen=True):
    """An account after a sync.

    ``new`` and ``changed`` count the records of this sync, ``rows`` the completed transactions of the book.
    ``balance`` is their sum in cents, None if it is not known. ``proven`` is None where the bank states no balances
    and only the counts agree; ``reasons`` say in English why it is false.
    """

    account: Account
    new: int
    changed: int
    rows: int
    balance: int | None
    proven: bool | None
    state: State
    reasons: tuple[str, ...]


class BookSync(msgspec.Struct, frozen=True):
    """The result of a sync: each account, and notes in English on what the bank does not let this key read."""

    accounts: tuple[SyncedBookAccount, ...]
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Return whether nothing tells against any account: the book has all that the bank has, or has shown."""
        return all(one.proven is not False for one in self.accounts)


class ExportedFile(msgspec.Struct, frozen=True):
    """A file that an export wrote for an account: a batch, which the book remembers by its number.

    ``path`` is None where the file went to a bucket or a mail alone, ``destinations`` names all that it has reached.
    ``sum_in`` and ``sum_out``, which is negative, are cents. ``opening`` and ``closing`` are the balances before its
    first and after its last row, None where they are not known, or where rows between the two are not part of it.
    ``already_exported`` counts its rows that earlier batches have, by their numbers. ``text_changes`` are texts that
    the tool's file could not hold unchanged.
    """

    account: Account
    path: Path | None
    batch: int
    rows: int
    sum_in: int
    sum_out: int
    opening: int | None
    closing: int | None
    proven: bool | None
    state: State
    sha256: str
    destinations: tuple[str, ...]
    already_exported: dict[int, int]
    text_changes: tuple[TextChange, ...]


class BookExport(msgspec.Struct, frozen=True):
    """The result of an export: its files, none where there were no rows; and notes in English for a person.

    ``selection`` says which rows were asked for.
    """

    selection: str
    files: tuple[ExportedFile, ...]
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool | None:
        """Return whether all files are proven; None where a bank states no balances and only the counts agree."""
        found = {one.proven for one in self.files}
        return False if False in found else None if None in found else True


class BookProof(msgspec.Struct, frozen=True):
    """What is proven of a book: each account over a period, and the hash chain of the whole book.

    ``inconsistency`` names in English the first place at which the book was changed from outside; it is empty if the
    hash chain, the index, the batches and the letters are as this program wrote them.
    """

    accounts: tuple[AccountProof, ...]
    inconsistency: str

    @property
    def ok(self) -> bool:
        """Return whether the book is consistent, and nothing tells against an account."""
        return not self.inconsistency and all(verdict(one.state) is not False for one in self.accounts)


def synced_account(done: SyncedAccount) -> SyncedBookAccount:
    """Return the result of syncing an account."""
    return SyncedBookAccount(
        account=done.account,
        new=done.counts.new,
        changed=done.counts.changed,
        rows=done.proof.rows if done.proof else 0,
        balance=done.proof.closing if done.proof else None,
        proven=done.verdict,
        state=done.found.state,
        reasons=tuple(done.reasons),
    )


def book_export(report: RunReport) -> BookExport:
    """Return the result of an export."""
    files = (_file(one, batch) for one in report.exports for batch in one.batches)
    return BookExport(str(report.selection), tuple(files), sentences(report.notes))


def sentences(notes: Iterable[Notice]) -> tuple[str, ...]:
    """Return notes in English, with days and amounts as programs read them."""
    return tuple(notice_text(one, "en", plain=True) for one in notes)


def _file(done: AccountExport, batch: Batch) -> ExportedFile:
    return ExportedFile(
        account=done.account,
        path=batch.path,
        batch=batch.number,
        rows=batch.rows,
        sum_in=batch.sum_in,
        sum_out=batch.sum_out,
        opening=batch.opening,
        closing=batch.closing,
        proven=batch.proven,
        state=batch.proof_state,
        sha256=batch.sha256,
        destinations=tuple(_reached(batch)),
        already_exported=dict(done.already_exported),
        text_changes=tuple(done.text_changes.get(batch.number, ())),
    )


def _reached(batch: Batch) -> Iterator[str]:
    return (one.destination for one in batch.deliveries if one.delivered)
