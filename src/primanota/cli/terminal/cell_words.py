"""States, selections and sums of money in the reader's words."""

from collections.abc import Iterable

from primanota.app.queries.book_views import BatchView
from primanota.cli import texts
from primanota.cli.terminal.tables import StateCell
from primanota.cli.texts.language import Writing
from primanota.core.language import selections
from primanota.core.model import Money
from primanota.core.proof_state import State
from primanota.core.results import Sum
from primanota.core.selection import Selection

_PROOFS = {"proven": True, "doubtful": False, "partial": False, "unread": False}
_BATCHES = {"delivered": True, "failed": False}


def proof_cell(state: State) -> StateCell:
    """Return how far an account or a file is proven."""
    return StateCell(texts.tables().proof.of(state), _PROOFS.get(state))


def batch_cell(batch: BatchView, writing: Writing) -> StateCell:
    """Return the state of a batch; with the day if it was imported."""
    words = texts.words().batch
    waits = batch.state == "delivered" and any(not one.delivered for one in batch.deliveries)
    state = words.waits if waits else words.of(batch.state)
    if batch.imported:
        state = words.imported.format(state=state, day=writing.day(batch.imported))
    return StateCell(state, _BATCHES.get(batch.state))


def selection_text(selection: Selection | str, writing: Writing) -> str:
    """Return which rows were selected; the text of a batch of another version as the book has it."""
    return selections.selection_text(selection, texts.words().selection, writing.day)


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
