"""Close a month: prove it, write its pack, record it in the book, deliver it.

Everything is decided and recorded before anything gets its name, as an export does it. The same question gives the
same bytes: what a pack states beside the rows, such as the bank's balance of that moment, is recorded with the close,
and taken from there as long as that gives the same pack. Else a later edition is made.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import IO, Literal, NamedTuple

import msgspec

from primanota import __version__
from primanota.app.closing.late_changes import LateChanges
from primanota.app.closing.month_pack import PackSources, write_pack
from primanota.app.proving.account_proof import account_proof
from primanota.book import Batches
from primanota.book.closes import Closes, digest_of_settled
from primanota.book.journal import Journal
from primanota.core.account_proof import AccountProof
from primanota.core.advice import read_again, read_on
from primanota.core.errors import NotProven
from primanota.core.model import Account
from primanota.core.month_close import ClosedAccount, MonthClose, PackedReceipts
from primanota.core.period import Period, microseconds, midnight, moment
from primanota.core.proof_state import verdict

_PIECE = 1 << 20


class MonthQuestion(NamedTuple):
    """Which month is closed, of which accounts (``wanted`` has those that were named), in which language."""

    period: Period
    accounts: Sequence[Account]
    wanted: tuple[str, ...]
    language: str
    allow_unproven: bool = False


class Obstacle(NamedTuple):
    """Why a month cannot be closed: the reason, the account's name, and both in a sentence with a hint."""

    kind: Literal["not_over", "unproven", "read_earlier"]
    account: str
    message: str
    hint: str


class PreparedClose(NamedTuple):
    """A close whose pack is written, and whether it is the same as an earlier one, so that nothing is recorded."""

    close: MonthClose
    is_known: bool


def prepare(
    question: MonthQuestion, sources: PackSources, name_of: Callable[[int], str], file: IO[bytes]
) -> PreparedClose:
    """Write the pack of a month into a file.

    Args:
        question: the month.
        sources: where its parts come from; the edition before is found here.
        name_of: returns the pack's name for an edition.
        file: an empty file that can be read and written.

    Raises:
        NotProven: the month is not over, or not proven, and ``allow_unproven`` is false.
        FormatRuleViolated: a row breaks a rule of the tool.
    """
    journal = sources.journal
    with journal.book.reading():
        facts = _facts(question, sources)
        known = Closes(journal.book).editions(facts.key)
        last = known[-1] if known else None
        if last and _rows(last) == _rows(facts) and last.complete == facts.complete:
            asked = msgspec.structs.replace(last, name="", sha256="", size=0, files=(), receipts=PackedReceipts())
            before = known[-2] if len(known) > 1 else None
            again = _written(file, asked, sources._replace(before=before), last.name)
            if again.sha256 == last.sha256:
                return PreparedClose(last, is_known=True)
            file.seek(0)
            file.truncate()
        edition = len(known) + 1
        fresh = msgspec.structs.replace(facts, edition=edition, later=tuple(LateChanges(journal).all()))
        fresh = msgspec.json.decode(msgspec.json.encode(fresh), type=MonthClose)  # as it will be read again
        return PreparedClose(_written(file, fresh, sources._replace(before=last), name_of(edition)), is_known=False)


def record(journal: Journal, close: MonthClose, also: Callable[[], None] = lambda: None) -> None:
    """Record a close in the book, and upload a remote book, before the pack gets its name.

    Args:
        journal: the book.
        close: the close.
        also: is called inside the same ``writing``.

    Raises:
        BookConflict: another run changed the remote book; everything must be repeated with that book.
    """
    book = journal.book
    with book.run(f"close {close.month}"), book.writing():
        Closes(book).save(close)
        also()
    book.publish()


def _written(file: IO[bytes], close: MonthClose, sources: PackSources, name: str) -> MonthClose:
    packed = write_pack(file, close, sources)
    size = file.seek(0, 2)
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return msgspec.structs.replace(packed, name=name, sha256=digest.hexdigest(), size=size)


def _facts(question: MonthQuestion, sources: PackSources) -> MonthClose:
    """Return the close of a month as the book is now, without its edition."""
    journal, period, tool = sources.journal, question.period, sources.tool
    book = journal.book
    proofs = [account_proof(journal, account, period) for account in question.accounts]
    now = _now(journal)
    complete = _is_complete(journal, proofs, now, question)
    span = period.span(journal.zone)
    return MonthClose(
        month=period.name,
        profile=tool.name if tool else "",
        digest=tool.digest if tool else "",
        wanted=question.wanted,
        language=question.language,
        edition=1,
        made=now,
        program=__version__,
        seq=book.newest_version,
        head=book.head.hex(),
        batch=Batches(book).next_number() - 1,
        complete=complete,
        accounts=tuple(ClosedAccount(proof, digest_of_settled(book, proof.account.id, *span)) for proof in proofs),
    )


def obstacle(question: MonthQuestion, journal: Journal) -> Obstacle | None:
    """Return why a month cannot be closed as over and proven; None if it can."""
    proofs = [account_proof(journal, account, question.period) for account in question.accounts]
    return _obstacle(journal, proofs, _now(journal), question.period)


def _is_complete(journal: Journal, proofs: Sequence[AccountProof], now: datetime, question: MonthQuestion) -> bool:
    """Return whether the month is over, and every account proven to its end.

    Raises:
        NotProven: it is not, and the question does not allow it.
    """
    found = _obstacle(journal, proofs, now, question.period)
    if found and not question.allow_unproven:
        raise NotProven(found.message, found.hint)
    return not found


def _obstacle(journal: Journal, proofs: Sequence[AccountProof], now: datetime, period: Period) -> Obstacle | None:
    told = "or close it all the same with --allow-unproven."
    if microseconds(midnight(period.end, journal.zone)) > microseconds(now):
        what = f"The month {period.name} is not over: it ends on {period.last}."
        return Obstacle("not_over", "", what, f"Wait until then, {told}")
    for proof in proofs:
        name = proof.account.name
        if verdict(proof.state) is False:
            reasons = f": {'; '.join(proof.found.reasons)}" if proof.found.reasons else ""
            gap = f": {proof.gaps[0]}" if proof.gaps and not reasons else ""
            what = f"{name} is not proven in {period.name} ({proof.state}){reasons}{gap}."
            return Obstacle("unproven", name, what, f"{read_again(proof.account)}, {told}")
        if proof.found.state != "gone" and proof.reaches_beyond:
            what = f"{name} was last read before the end of {period.name}."
            return Obstacle("read_earlier", name, what, f"{read_on(proof.account)}, {told}")
    return None


def _now(journal: Journal) -> datetime:
    return moment(journal.book.clock()).astimezone(journal.zone).replace(microsecond=0)


def _rows(close: MonthClose) -> list[tuple[str, int, str]]:
    return [(one.proof.account.id, one.rows, one.rows_sha256) for one in close.accounts]
