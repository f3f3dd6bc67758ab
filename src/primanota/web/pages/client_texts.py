"""The texts of the screens of a fleet's clients, in the language of the reader."""

from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load


class DidTexts(Texts, frozen=True):
    """What a change has done."""

    retry: str
    pause: str
    resume: str

    def of(self, change: str) -> str:
        """Return the sentence of a change."""
        return str(getattr(self, change))


class ClientTexts(Texts, frozen=True):
    """The texts of these screens."""

    needs: Plural
    nothing_needs: str
    late: Plural
    access: Plural
    filter: str
    text: str
    state: str
    every: str
    weeks: str
    shown: str
    clients: Plural
    none: str
    no_clients: str
    client: str
    why: str
    change: str
    next: str
    first: str
    retry: str
    pause: str
    resume: str
    consent: str
    consent_until: str
    refused: str
    schedule: str
    next_run: str
    profile: str
    book: str
    to: str
    runs: str
    run: str
    due: str
    attempts: str
    rows: str
    proof: str
    proven: str
    not_proven: str
    no_runs: str
    did: DidTexts


@cache
def client_texts(language: str) -> ClientTexts:
    """Return the texts in a language."""
    return load("page_clients", language, ClientTexts)
