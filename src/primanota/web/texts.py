"""The texts that all screens share, in the language of the reader."""

from functools import cache

from primanota.core.language.catalogue import Texts, load


class ScreenNames(Texts, frozen=True):
    """The names of the screens."""

    week: str
    review: str
    proof: str
    rows: str
    preview: str
    batches: str
    flows: str
    doctor: str
    clients: str


class Keys(Texts, frozen=True):
    """The help for the keyboard."""

    heading: str
    move: str
    accept: str
    undo: str
    search: str
    screens: str
    help: str
    close: str


class PageTexts(Texts, frozen=True):
    """The texts that all screens share."""

    skip: str
    navigation: str
    read_only: str
    unofficial: str
    error: str
    not_found: str
    bad_form: str
    fleet: str
    data: str
    screen: ScreenNames
    key: Keys


@cache
def page_texts(language: str) -> PageTexts:
    """Return the shared texts of a language."""
    return load("page", language, PageTexts)
