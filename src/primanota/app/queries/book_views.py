"""Views of batches, their rows and the proof of a book: typed structs for ``--json`` and for tables. Cents."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo

import msgspec

from primanota.app.exporting.batches import ExportedRow
from primanota.app.reviewing.check import Check
from primanota.app.running.views import DeliveryView, delivery_view
from primanota.core.language.notices import english
from primanota.core.model import Account, account_of
from primanota.core.proof_state import State, verdict
from primanota.core.results import Batch


class BatchView(msgspec.Struct, frozen=True):
    """A batch. ``made`` is local time."""

    batch: int
    state: str
    made: datetime
    profile: str
    profile_sha256: str
    account: str
    statement: int | None
    selection: str
    path: str | None
    name: str
    deliveries: list[DeliveryView]
    run_key: str | None
    sha256: str
    size: int
    rows: int
    currency: str
    sum_in_cents: int
    sum_out_cents: int
    opening_cents: int | None
    closing_cents: int | None
    proven: bool | None
    proof: State
    reason: str | None
    imported: date | None


class BatchRowView(msgspec.Struct, frozen=True):
    """A row of a batch as it was exported."""

    line: int
    id: str
    day: date
    counterparty: str
    amount_cents: int
    reference: str
    current: bool


class ProofView(msgspec.Struct, frozen=True):
    """The proof of an account; ``bank_cents`` is the balance that the bank states."""

    account: str
    rows: int
    opening_cents: int | None
    closing_cents: int | None
    bank_cents: int | None
    proven: bool | None
    proof: State
    reasons: tuple[str, ...]


class DamagedFileView(msgspec.Struct, frozen=True):
    """A file that is not in its store as the book names it: ``missing`` or ``changed``."""

    path: str
    state: str


class CheckView(msgspec.Struct, frozen=True):
    """The result of a check: the proof of each account, the hash chain, the file, receipts and statements.

    ``files`` is how many receipts and statements are whole, ``damaged`` those that are not, with their states.
    """

    accounts: list[ProofView]
    hash_chain: str
    sound: bool
    bank: str
    files: int
    damaged: list[DamagedFileView]
    statements: list[str]


def batch_view(batch: Batch, accounts: Iterable[Account], zone: tzinfo) -> BatchView:
    """Return the view of a batch."""
    account = account_of(batch.account, accounts)
    return BatchView(
        batch=batch.number,
        state=_state(batch),
        made=batch.made.astimezone(zone),
        profile=batch.profile,
        profile_sha256=batch.digest,
        account=account.name,
        statement=batch.statement or None,
        selection=batch.selection,
        path=str(batch.path) if batch.path else None,
        name=batch.name,
        deliveries=list(map(delivery_view, batch.deliveries)),
        run_key=batch.run_key or None,
        sha256=batch.sha256,
        size=batch.size,
        rows=batch.rows,
        currency=account.currency,
        sum_in_cents=batch.sum_in,
        sum_out_cents=batch.sum_out,
        opening_cents=batch.opening,
        closing_cents=batch.closing,
        proven=batch.proven,
        proof=batch.proof_state,
        reason=batch.reason or None,
        imported=batch.imported,
    )


def _state(batch: Batch) -> str:
    """Return a batch's state; ``waiting`` as long as its file has arrived nowhere."""
    has_arrived = not batch.deliveries or any(one.delivered for one in batch.deliveries)
    return "waiting" if batch.state == "delivered" and not has_arrived else batch.state


def batch_row_view(row: ExportedRow) -> BatchRowView:
    """Return the view of a batch's row."""
    transaction = row.transaction
    return BatchRowView(
        line=row.line,
        id=transaction.id,
        day=transaction.day,
        counterparty=transaction.counterparty,
        amount_cents=transaction.amount.cents,
        reference=transaction.reference,
        current=row.current,
    )


def check_view(found: Check) -> CheckView:
    """Return the view of a check."""
    accounts = [
        ProofView(
            account=found.name(proof),
            rows=proof.rows,
            opening_cents=proof.opening,
            closing_cents=proof.closing,
            bank_cents=proof.balance,
            proven=verdict(state.state),
            proof=state.state,
            reasons=state.reasons,
        )
        for proof, state in found.each
    ]
    damaged = [DamagedFileView(one.file.path, one.state) for one in found.files.damaged]
    statements = list(map(english, found.statements))
    chain = found.inconsistency or "whole"
    return CheckView(accounts, chain, found.sound, found.bank, found.files.whole, damaged, statements)
