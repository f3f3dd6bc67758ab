"""The texts of ``primanota review``, of the findings that ``run`` shows, and of what a sync found vanished."""

from primanota.core.language.catalogue import Plural, Texts


class ReviewColumns(Texts, frozen=True):
    """The headings of the table of findings."""

    new: str
    id: str
    reason: str
    day: str
    account: str
    counterparty: str
    amount: str
    reference: str
    member: str
    accepted: str
    note: str


class ReviewTexts(Texts, frozen=True):
    """The texts of a review. Those that end with ``_in`` are of a period."""

    column: ReviewColumns
    is_new: str
    found: str
    found_in: str
    nothing: str
    nothing_in: str
    shortened: str
    can_wait: str
    receipt: Plural
    vat: Plural
    of_other_days: Plural
    put_away: Plural
    was_put_away: str
    none_put_away: str
    change: str
    changes_hint: str
    accept_hint: str
    accepted: str
    reopened: str
    vanished: str
    released: str
