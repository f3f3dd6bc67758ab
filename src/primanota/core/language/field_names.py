"""The names of the fields of a row, in each language. Pure."""

from functools import cache

from primanota.core.language.catalogue import Texts, load


class FieldNames(Texts, frozen=True):
    """A name for each field of a transaction and of its postings."""

    account: str
    account_id: str
    amount: str
    attachment_ids: str
    balance: str
    bank: str
    bic: str
    booked: str
    card: str
    category: str
    clean_counterparty: str
    cost_centre: str
    counterparty: str
    counterparty_account: str
    created: str
    day: str
    details: str
    document: str
    emitted: str
    id: str
    label_ids: str
    labels: str
    ledger_account: str
    mandate: str
    member: str
    member_id: str
    note: str
    number: str
    operation: str
    original: str
    original_amount: str
    posting_text: str
    purpose: str
    receipts: str
    reference: str
    status: str
    subcategory: str
    subject_type: str
    tax_key: str
    updated: str
    vat: str


@cache
def field_names(language: str) -> FieldNames:
    """Return the names in a language; in English for one that is not supported."""
    return load("field_names", language, FieldNames)


def field_name(name: str, language: str) -> str:
    """Return the name of a field; a heading of an accounting tool stays as the tool has it."""
    known = name.replace(" ", "_")
    return str(getattr(field_names(language), known)) if known in FieldNames.__struct_fields__ else name
