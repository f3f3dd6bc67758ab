"""The texts of a proof: on the page, and on the certificate of a closed month."""

from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load


class PlotTexts(Texts, frozen=True):
    """The texts of the plot."""

    title: str
    description: str
    gaps: Plural
    none: str
    day: str
    balance: str


class ProvenTexts(Texts, frozen=True):
    """What is proven, each in a sentence (``app.proving.account_proof.Proven``)."""

    chain: str
    sums: str
    bank: str
    earlier: str
    counts: str
    statements: str


class UnprovenTexts(Texts, frozen=True):
    """What is not proven, each in a sentence (``app.proving.account_proof.Unproven``)."""

    gap: str
    more_gaps: Plural
    late_start: str
    doubtful: str
    partial: str
    unread: str
    gone: str
    no_balances: str
    later: str
    pending: str


class BankTexts(Texts, frozen=True):
    """How the closing balance and the balance that the bank states compare."""

    same: str
    other: str
    earlier: str
    unknown: str


class CertificateTexts(Texts, frozen=True):
    """The texts of the page that one files; ``open`` is its heading where the rows are not proven."""

    heading: str
    open: str
    print: str
    company: str
    login: str
    iban: str
    days: str
    made: str
    by: str
    files: str
    no_files: str
    file: str
    limits: str
    verify: str
    check: str
    check_filed: str
    sum: str
    head: str


class ProofTexts(Texts, frozen=True):
    """The texts of a proof."""

    heading: str
    accounts: str
    account: str
    state: str
    until: str
    never: str
    show: str
    word: str
    since: str
    last: str
    rows: str
    status: str
    opening: str
    sum_in: str
    sum_out: str
    closing: str
    missing: str
    statement: str
    plot_heading: str
    counts: str
    proven_heading: str
    unproven_heading: str
    nothing: str
    all: str
    reasons: str
    book: str
    version: str
    bank: BankTexts
    filed: BankTexts
    proven: ProvenTexts
    unproven: UnprovenTexts
    plot: PlotTexts
    certificate: CertificateTexts


@cache
def proof_texts(language: str) -> ProofTexts:
    """Return the texts in a language."""
    return load("page_proof", language, ProofTexts)
