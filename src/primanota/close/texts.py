"""The texts of a month's pack, in the company's language."""

from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load


class WitnessTexts(Texts, frozen=True):
    """How the bank's own statement of the month and the book compare (``app.receipts.statements.Witness``)."""

    agrees: str
    differs: str
    unread: str
    unknown: str
    none: str


class PackedReceiptTexts(Texts, frozen=True):
    """How many rows have receipts, need one, or have one that was not fetched."""

    heading: str
    packed: Plural
    none: str
    missing: Plural
    complete: str
    not_stated: str
    waiting: Plural


class LateTexts(Texts, frozen=True):
    """What changed after a month was closed."""

    heading: str
    none: str
    some: Plural
    file: str


class PackTexts(Texts, frozen=True):
    """The texts of a pack: of its certificates, and of the file that says what is in it."""

    month: str
    edition: str
    replaces: str
    incomplete: str
    files: str
    no_files: str
    more_files: Plural
    exported: str
    more_exported: Plural
    sums: str
    check: str
    check_filed: str
    head: str
    witness: WitnessTexts
    receipts: PackedReceiptTexts
    later: LateTexts


class ReadmeTexts(Texts, frozen=True):
    """What ``README.txt`` says: an introduction, a line for each kind of file, how it is verified, DATEV's order."""

    title: str
    incomplete: str
    edition: str
    file: str
    exported: str
    certificate: str
    index: str
    receipts: str
    missing: str
    statements: str
    later: str
    manifest: str
    sums: str
    verify: str
    datev: str
    datev_first: str
    datev_then: str
    datev_link: str


class LetterTexts(Texts, frozen=True):
    """What the mail with a pack says: where it is, which edition, how many rows of closed months have changed."""

    attached: str
    linked: str
    command: str
    edition: str
    later: Plural


class CloseTexts(Texts, frozen=True):
    """The texts of a pack, and of the mail that brings it."""

    certificate: PackTexts
    readme: ReadmeTexts
    letter: LetterTexts


@cache
def close_texts(language: str) -> CloseTexts:
    """Return the texts in a language."""
    return load("close", language, CloseTexts)
