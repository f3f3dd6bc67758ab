"""The texts about several companies whose books one firm keeps: in the terminal and in the firm's mail. Pure."""

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


@cache
def firm_texts(language: str) -> FirmTexts:
    """Return the texts in a language; in English for one that is not supported."""
    return load("firm", language, FirmTexts)
