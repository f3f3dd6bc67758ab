"""The sentences of ``fleet``."""

from primanota.core.language.catalogue import Plural, Texts


class FleetHeadings(Texts, frozen=True):
    """The headings of the tables of ``fleet``."""

    client: str
    profile: str
    book: str
    schedule: str
    next_run: str
    state: str
    run: str
    why: str


class RunStateTexts(Texts, frozen=True):
    """The states of a run."""

    waiting: str
    running: str
    done: str
    failed: str
    person: str

    def of(self, state: str) -> str:
        """Return the words for a state."""
        return str(getattr(self, state))


class FleetTexts(Texts, frozen=True):
    """What the commands of ``fleet`` say."""

    initialised: str
    current: str
    added: Plural
    changed: Plural
    clients: Plural
    paused: str
    resumed: str
    paused_state: str
    retried: str
    legend: str
    shown: str
    report: str
    totals: str
    heading: FleetHeadings
    state: RunStateTexts
