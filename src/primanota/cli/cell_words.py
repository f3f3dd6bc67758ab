"""States, selections and sums of money in the reader's words."""

from collections.abc import Iterable

from primanota.app.book_views import BatchView
from primanota.cli import texts
from primanota.cli.language import Writing
from primanota.cli.tables import StateCell
from primanota.core.model import Money
from primanota.core.period import Period
from primanota.core.proof_state import State
from primanota.core.results import Sum
from primanota.core.selection import Changed, New, Selection, parse_selection

_PROOFS = {"proven": True, "doubtful": False, "partial": False, "unread": False}
_BATCHES = {"delivered": True, "failed": False}


def proof_cell(state: State) -> StateCell:
    """Return how far an account or a file is proven."""
    return StateCell(texts.tables().proof.of(state), _PROOFS.get(state))


def batch_cell(batch: BatchView, writing: Writing) -> StateCell:
    """Return the state of a batch; with the day if it was imported."""
    words = texts.tables().batch
    waits = batch.state == "delivered" and any(not one.delivered for one in batch.deliveries)
    state = words.waits if waits else words.of(batch.state)
    if batch.imported:
        state = words.imported.format(state=state, day=writing.day(batch.imported))
    return StateCell(state, _BATCHES.get(batch.state))


def selection_text(selection: Selection | str, writing: Writing) -> str:
    """Return which rows were selected; the text of a batch of another version as the book has it."""
    known = parse_selection(selection) if isinstance(selection, str) else selection
    words = texts.tables().selection
    match known:
        case None:
            return f"{selection}"
        case Changed():
            return words.changed
        case New(since=since, end=end) if end:
            return words.new_before.format(day=writing.day(since), end=writing.day(end))
        case New(since=since):
            return words.new.format(day=writing.day(since))
        case Period(first=first, last=last) if first == last:
            return writing.day(first)
        case Period(first=first, last=last):
            return words.period.format(first=writing.day(first), last=writing.day(last))


def sums_text(sums: Iterable[Sum], writing: Writing) -> str:
    """Return the money that came in and went out, in each currency."""
    form = texts.tables().money
    return "; ".join(
        form.format(
            came=writing.amount(Money(one.sum_in_cents, one.currency)),
            went=writing.amount(Money(one.sum_out_cents, one.currency)),
        )
        for one in sums
    )
