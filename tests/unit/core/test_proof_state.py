"""The state of an account's proof: how it follows from the state before, and what it means."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.adapters.mail.translations import translation
from primanota.core.errors import NotProven
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.model import Account
from primanota.core.period import END_OF_TIME
from primanota.core.proof_state import CLOCK_TOLERANCE, SETTLED, ProofState, State, verdict, worst
from primanota.export.proof import limit_of, reached_state
from tests.support.factories import quick

STATES: tuple[State, ...] = get_args(State)
_ACCOUNT = Account(id="a", name="Hauptkonto", iban="")
_moments = st.none() | st.integers(0, 1 << 40)
_states = st.builds(ProofState, st.sampled_from(STATES), _moments, st.just(()), st.integers(0, 1 << 40))


@quick
@given(_states, st.sampled_from(STATES), _moments, st.integers(0, 1 << 40))
def test_a_proof_never_shrinks_nor_lies_in_the_future(
    before: ProofState, state: State, until: int | None, now: int
) -> None:
    """``until`` is never beyond this machine's clock and a tolerance, and below that never earlier than before."""
    found = before.followed_by(state, until, ("why",), now)
    known = [one for one in (before.until, until) if one is not None]
    assert found.until == (min(max(known), now + CLOCK_TOLERANCE) if known else None)
    assert found.since == (before.since if before.state == state and before.since else now)


@quick
@given(_states, st.integers(0, 1 << 41))
def test_only_what_is_proven_is_exported(found: ProofState, end: int) -> None:
    """Without permission an export is refused exactly where it reaches beyond what the last sync proved."""
    within = not end or (found.until is not None and end <= found.until)
    allowed = found.state in SETTLED or (within and found.state != "unread")
    if allowed:
        assert verdict(reached_state(_ACCOUNT, found, end, allow_unproven=False)) is not False
        return
    with pytest.raises(NotProven, match="Hauptkonto is not proven") as refused:
        reached_state(_ACCOUNT, found, end, allow_unproven=False)
    assert found.state in refused.value.message
    assert verdict(reached_state(_ACCOUNT, found, end, allow_unproven=True)) is False


@quick
@given(_states)
def test_only_an_account_that_has_gone_is_limited(found: ProofState) -> None:
    """The rows of an account that has gone end where it was proven last; all others have no limit."""
    assert limit_of(found) == ((found.until or 0) if found.state == "gone" else END_OF_TIME)


def test_the_worst_state_is_that_of_the_group() -> None:
    """One unproven file makes the group unproven; an empty group is proven."""
    assert (worst([]), worst(["proven", "counts only"]), worst(["doubtful", "proven"])) == (
        "proven",
        "counts only",
        "doubtful",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_names_every_state(language: str) -> None:
    """A mail has words of its own for each state, in each language."""
    known = translation(language)
    for words in (known.words.proof, known.texts.proven):
        assert len({words.of(state) for state in STATES}) == len(STATES)
