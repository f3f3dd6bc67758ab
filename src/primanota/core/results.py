"""Results of a sync, a review and an export as plain data: shown on the screen, as JSON and in the mail. Pure."""

from datetime import date, datetime
from pathlib import Path
from typing import Literal

import msgspec

from primanota.core.balance_chain import Proof
from primanota.core.model import Account, Money, TextChanges, Transaction
from primanota.core.proof_state import SETTLED, ProofState, State, verdict, worst
from primanota.core.reasons import Acceptance, Reason

_BUCKET, _MAIL = "s3://", "mailto:"
STANDARD_OUTPUT = "-"
# Kinds of findings in the order in which they are shown: what may need doing before an export comes first.
KINDS = (
    *("pending", "declined", "reversed", "vanished", "changed", "after-close"),
    *("unknown-status", "unknown-operation", "receipt", "vat"),
)
# Kinds that can wait until after an import; there can be many, and they are corrected in the bank's own program.
CAN_WAIT = frozenset(("receipt", "vat"))


class AppendCounts(msgspec.Struct):
    """How many records were new, changed, and the same as before."""

    new: int = 0
    changed: int = 0
    same: int = 0

    def add(self, other: "AppendCounts") -> None:
        """Add the counts of another reading."""
        self.new += other.new
        self.changed += other.changed
        self.same += other.same


class Sum(msgspec.Struct, frozen=True):
    """Money in and money out in one currency, in cents."""

    currency: str
    sum_in_cents: int
    sum_out_cents: int

    @property
    def total(self) -> Money:
        """Return the sum of both."""
        return Money(self.sum_in_cents + self.sum_out_cents, self.currency)


class SyncedAccount(msgspec.Struct):
    """Result of syncing one account; ``reasons`` say why its rows are not proven, and are empty when they are.

    ``vanished`` are ids of transactions that the bank no longer shows, ``released`` those of them that were only
    pending, so that they were never charged; ``gone`` has their short ids and rows, by id,
    ``named`` those of rows that ``reasons`` name. ``found`` is how far the
    account is proven now.
    """

    account: Account
    counts: AppendCounts
    vanished: list[str] = []
    released: list[str] = []
    gone: dict[str, tuple[str, Transaction]] = {}
    named: dict[str, tuple[str, Transaction]] = {}
    reasons: list[str] = []
    proof: Proof | None = None
    found: ProofState = ProofState()

    @property
    def proven(self) -> bool:
        """Return whether nothing tells against the account: the book has all that the bank has, or has shown."""
        return not self.reasons and self.found.state in {*SETTLED, "gone"}

    @property
    def verdict(self) -> bool | None:
        """Return whether the account is proven; None where the bank states no balances and only the counts agree."""
        return verdict(self.found.state) if self.proven else False


class Difference(msgspec.Struct, frozen=True):
    """A field that a file showed, as it was and as it is now."""

    name: str
    was: str
    now: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A row that the user should review.

    ``kind`` is one of ``KINDS``, ``reason`` says more of it. For a changed row, ``batch`` and ``profile`` are those
    of its export, and ``changes`` are the fields that differ since. ``is_new`` says whether it was not there when a
    person last looked; ``accepted`` is how it was put away, None if it was not.
    """

    account: Account
    transaction: Transaction
    kind: str
    reason: Reason
    batch: int | None = None
    profile: str = ""
    changes: list[Difference] = []
    is_new: bool = False
    accepted: Acceptance | None = None

    @property
    def day(self) -> date:
        """Return the local day on which the row settled, or was made where it never settled."""
        return self.transaction.day


class Findings(msgspec.Struct, frozen=True):
    """How many findings of each kind there are, and the newest of each kind: by kind, then the newest last.

    Of kinds that cannot wait, those that a person has not seen yet come after all others. ``accepted`` counts the
    findings that were put away, ``short_ids`` are the shortest clear beginnings of the ids of the newest ones.
    """

    counts: dict[str, int] = {}
    newest: tuple[Finding, ...] = ()
    accepted: int = 0
    short_ids: dict[str, str] = {}

    @property
    def urgent(self) -> int:
        """Return how many findings are of kinds that cannot wait."""
        return urgent(self.counts)

    def of(self, kind: str) -> list[Finding]:
        """Return the newest findings of a kind."""
        return [finding for finding in self.newest if finding.kind == kind]


def urgent(counts: dict[str, int]) -> int:
    """Return how many findings are of kinds that cannot wait, of their counts by kind."""
    return sum(count for kind, count in counts.items() if kind not in CAN_WAIT)


class Delivery(msgspec.Struct, frozen=True):
    """A destination of a batch's file, and whether the file has arrived there.

    ``destination`` is a path of this machine, an ``s3://`` address, ``mailto:`` with addresses, or ``-`` for standard
    output. ``delivered`` is when it arrived (UTC), None while it is pending; ``reason`` is why the last try failed.
    """

    destination: str
    delivered: datetime | None = None
    reason: str = ""

    @property
    def kind(self) -> Literal["folder", "bucket", "mail", "output"]:
        """Return what kind of destination it is."""
        if self.destination == STANDARD_OUTPUT:
            return "output"
        if self.destination.startswith(_BUCKET):
            return "bucket"
        return "mail" if self.destination.startswith(_MAIL) else "folder"


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """An exported file: which rows of which account, for which tool, and where it was delivered.

    ``made`` is UTC, money is cents. ``selection`` says which rows were asked for. ``origin`` is where the profile was
    found, its name or a path; ``digest`` is the SHA-256 of the profile's text, ``sha256`` that of the file,
    ``rows_sha256`` that of the rows' version numbers, one a line, ``ledger_digest`` that of the ledger settings by
    which its entries were made: empty where it has no entries. ``name`` is the file's name. ``proven`` says
    whether the balance chain within the selection is whole, None if the bank states no running balance. ``opening``
    and ``closing`` are also None if rows between the first and the last one are not part of the file. ``statement``
    is the number of its statement among those of the account for the profile, ``statement_key`` its key; 0 and empty
    for a format without statements. ``account`` has several ids where rows of several accounts are in the file.
    ``proof`` is the name of the proof's state, empty in batches of older versions.
    ``run_key`` is the key of the run that wrote it, if it had one. ``token`` is a random word that tells its staged
    file from that of a batch of the same number in another copy of the book; empty in batches of older versions.
    ``replaces`` says whether its file may replace that of an earlier batch, as that of a period does. ``imported`` is
    the local day on which its file was imported into the tool, as a person has said; None if it was not said.

    ``state`` is ``prepared`` from the moment in which everything is decided until the file has its name. A batch that
    ``failed`` was not delivered; the rows of one that the user has ``undone`` are new again. ``reason`` says why.
    """

    number: int
    state: Literal["prepared", "delivered", "failed", "undone"] = "prepared"
    made: datetime
    profile: str
    origin: str
    digest: str
    account: str
    selection: str
    name: str
    sha256: str
    size: int
    rows: int
    rows_sha256: str
    ledger_digest: str = ""
    sum_in: int
    sum_out: int
    opening: int | None
    closing: int | None
    proven: bool | None
    proof: State | Literal[""] = ""
    reason: str = ""
    run_key: str = ""
    statement: int = 0
    statement_key: str = ""
    token: str = ""
    replaces: bool = False
    imported: date | None = None
    deliveries: tuple[Delivery, ...] = ()

    @property
    def staging_key(self) -> str:
        """Return the key under which its file is staged."""
        return staging_key(self.number, self.token)

    @property
    def proof_state(self) -> State:
        """Return the name of the proof's state, also for a batch of an older version."""
        return self.proof or ("counts only" if self.proven is None else "proven" if self.proven else "doubtful")

    @property
    def path(self) -> Path | None:
        """Return the file's place on this machine; None where it has none."""
        return next((Path(one.destination) for one in self.deliveries if one.kind == "folder"), None)

    @property
    def remote_deliveries(self) -> tuple[Delivery, ...]:
        """Return the deliveries to buckets and by mail."""
        return tuple(one for one in self.deliveries if one.kind in {"bucket", "mail"})

    @property
    def is_active(self) -> bool:
        """Return whether its rows count as exported."""
        return self.state in {"prepared", "delivered"}

    def is_pending_at(self, destination: str) -> bool:
        """Return whether the file still has to be brought to a bucket or mailed."""
        return self.state == "delivered" and any(
            one.destination == destination and not one.delivered for one in self.remote_deliveries
        )

    def with_delivery(self, destination: str, delivered: datetime | None, reason: str = "") -> "Batch":
        """Return the same batch with a new state of one of its destinations."""
        news = (
            Delivery(destination, delivered, reason) if one.destination == destination else one
            for one in self.deliveries
        )
        return msgspec.structs.replace(self, deliveries=tuple(news))


def staging_key(number: int, token: str) -> str:
    """Return the key under which a batch's file is staged; older versions knew no tokens."""
    return f"{number}-{token}" if token else f"batch-{number}"


class Span(msgspec.Struct, frozen=True):
    """Balances of an account before and after the selected rows, in cents, and whether the rows are proven.

    The balances are None where the bank does not state them, or where rows between the two ends are not selected.
    ``proven`` is None where the bank states no running balance; ``proof`` is the name of that state.
    ``skipped_zero_rows`` counts rows of 0.00 that the tool does not take. ``start`` is the balance before the
    account's first row, None where it is not known.
    """

    opening: int | None
    closing: int | None
    proven: bool | None
    skipped_zero_rows: int = 0
    start: int | None = None
    proof: State = "proven"

    def between(self, opening: int | None, closing: int | None) -> "Span":
        """Return the span with other balances: of some of its rows."""
        return msgspec.structs.replace(self, opening=opening, closing=closing)


class AccountExport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of exporting one account: its batches, and what the user should know about them.

    There is no batch where there were no rows to write. ``already_exported`` counts the rows that earlier batches
    have, by batch; ``text_changes`` are texts that a file could not hold unchanged, by batch.
    """

    account: Account
    span: Span
    batches: tuple[Batch, ...] = ()
    already_exported: dict[int, int] = {}
    text_changes: dict[int, TextChanges] = {}

    @property
    def rows(self) -> int:
        """Return how many rows its files have."""
        return sum(batch.rows for batch in self.batches)

    @property
    def proven(self) -> bool | None:
        """Return whether its files are proven: the worst of them, or of the span where there is no file."""
        found = {batch.proven for batch in self.batches} or {self.span.proven}
        return False if False in found else None if None in found else True

    @property
    def proof(self) -> State:
        """Return the state of the proof of its files: the worst of them, or of the span where there is no file."""
        return worst([batch.proof_state for batch in self.batches] or [self.span.proof])

    @property
    def already_exported_note(self) -> str:
        """Return how many rows earlier batches have, in a sentence; empty where there are none."""
        if not self.already_exported:
            return ""
        counts = ", ".join(f"{count} in batch {number}" for number, count in self.already_exported.items())
        return (
            f"{self.account.name}: rows of this file were exported before, {counts}. "
            "Imported twice, they would be there twice."
        )
