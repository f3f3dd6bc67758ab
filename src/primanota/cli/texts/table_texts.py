"""HeadingTexts of tables, and the words in their cells."""

from primanota.core.language.bookkeeping import ProofWords
from primanota.core.language.catalogue import Texts


class HeadingTexts(Texts, frozen=True):
    """The headings of columns. ``since`` is the first day of new rows, ``changed_since`` what was changed later."""

    account: str
    amount: str
    at_bank: str
    balance: str
    bank: str
    batch: str
    category: str
    changed: str
    changed_since: str
    closing: str
    counterparty: str
    currency: str
    day: str
    file: str
    first: str
    last: str
    last_sync: str
    labels: str
    line: str
    made_utc: str
    mail_or_file: str
    matches: str
    member: str
    money_in: str
    money_out: str
    new: str
    opening: str
    operation: str
    posts_to: str
    profile: str
    proven: str
    proven_until: str
    reference: str
    rows: str
    rule: str
    selection: str
    since: str
    state: str
    status: str
    sum: str
    to: str
    transaction: str
    when: str
    why: str


class CellWords(Texts, frozen=True):
    """Words in cells. ``more`` says that the bank has more rows than the book, ``same`` that it has the same."""

    all_other_rows: str
    clearing: str
    external: str
    more: str
    never: str
    newer_version: str
    not_begun: str
    same: str


class TableTexts(Texts, frozen=True):
    """The words of tables; ``legend`` explains states, ``money`` is what came in and what went out."""

    heading: HeadingTexts
    word: CellWords
    proof: ProofWords
    legend_counted: str
    legend_gone: str
    without_rows: str
    without_rows_to_export: str
    money: str
