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
    consent: str


class ConsentStateTexts(Texts, frozen=True):
    """The states of a consent; ``given`` and the like have the day in ``{day}``."""

    missing: str
    invited: str
    given: str
    ends: str
    ended: str

    def of(self, state: str) -> str:
        """Return the words for a state."""
        return str(getattr(self, state))


class FleetConsentTexts(Texts, frozen=True):
    """What the commands about consents say."""

    invited: str
    logged_out: str
    no_tokens: str
    key_made: str
    key_rotated: str
    reencrypted: Plural
    asked: str
    state: ConsentStateTexts


class FleetRemovalTexts(Texts, frozen=True):
    """What ``fleet remove`` says."""

    will_be: str
    revoke: str
    question: str
    removed: str
    stays: str
    secret_stays: str


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
    consent: FleetConsentTexts
    removal: FleetRemovalTexts
