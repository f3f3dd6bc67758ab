"""The states of a fleet's clients and runs, in words. Pure."""

from functools import cache

from primanota.core.language.catalogue import Texts, load


class FleetStates(Texts, frozen=True):
    """The words for the states of clients and runs."""

    needs: str
    access: str
    late: str
    failed: str
    person: str
    waiting: str
    running: str
    done: str
    paused: str
    none: str

    def of(self, state: str) -> str:
        """Return the words for a state."""
        return str(getattr(self, state))


@cache
def fleet_states(language: str) -> FleetStates:
    """Return the words of a language; English for one that is not supported."""
    return load("fleet_states", language, FleetStates)
