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


class FleetTexts(Texts, frozen=True):
    """What the commands of ``fleet`` say."""

    initialised: str
    current: str
    added: Plural
    changed: Plural
    clients: Plural
    paused: str
    resumed: str
    retried: str
    shown: str
    report: str
    totals: str
    letter_sent: str
    letter_waits: str
    letter_doubt: str
    heading: FleetHeadings
