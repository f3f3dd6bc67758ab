"""The texts about several companies whose books one firm keeps: in the terminal and in the firm's mail. Pure."""

from collections.abc import Callable, Collection
from functools import cache

from primanota.core.language.catalogue import Explanation, Plural, Texts, load


class FirmHeadlines(Texts, frozen=True):
    """What is to be done, in a sentence; ``{total}`` is the number of companies."""

    all_done: Plural
    to_mend: Plural
    to_review: Plural
    waits: Plural


class CompanyStates(Texts, frozen=True):
    """What became of a company's run: a word for it, and what it means."""

    person: Explanation
    later: Explanation
    review: Explanation
    done: Explanation

    def of(self, state: str) -> Explanation:
        """Return the texts of a state."""
        found: Explanation = getattr(self, state)
        return found


class FirmTexts(Texts, frozen=True):
    """The sentences about a run of several companies."""

    interrupted: str
    repeated: str
    company: str
    why: str
    running: str
    mailed: str
    foot: str
    headline: FirmHeadlines
    state: CompanyStates
    rows: Plural
    look: Plural


def headline(texts: FirmTexts, counted: Callable[..., str], states: Collection[str]) -> str:
    """Return what is to be done first, in a sentence.

    Args:
        texts: the texts in the reader's language.
        counted: writes a ``Plural`` with its number and the values of its placeholders.
        states: the state of each company, as ``CompanyStates`` has them.
    """
    known = texts.headline
    for state, sentence in (("person", known.to_mend), ("later", known.waits), ("review", known.to_review)):
        if number := sum(one == state for one in states):
            return counted(sentence, number, total=len(states))
    return counted(known.all_done, len(states))


@cache
def firm_texts(language: str) -> FirmTexts:
    """Return the texts in a language; in English for one that is not supported."""
    return load("firm", language, FirmTexts)
