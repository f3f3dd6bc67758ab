"""The operation of a row, in the words of this program, by its bank transaction code. Pure."""

from primanota.banks.camt.xml_tree import Element

# ISO 20022 External Code Sets, bank transaction codes: operation by sub-family, else by family.
_SUB_FAMILIES = {
    **dict.fromkeys(("CHRG", "FEES", "COMM", "COME", "COMI"), "fee"),
    **dict.fromkeys(("INTR", "INTE"), "account_remuneration"),
    "RRTN": "recall",
}
_FAMILIES = {
    **dict.fromkeys(("ICDT", "ICCN", "IRCT"), "transfer"),
    **dict.fromkeys(("RCDT", "RCCN", "RRCT"), "income"),
    **dict.fromkeys(("CCRD",), "card"),
    **dict.fromkeys(("MCRD",), "card_acquirer_payout"),
    **dict.fromkeys(("RCHQ", "ICHQ"), "cheque"),
}
# Banks write both families on both sides: who pays tells the debtor's row from the creditor's.
_DIRECT_DEBITS = frozenset(("RDDT", "IDDT"))
# Whose own code is the operation of this program: a bank whose accounts it reads itself, and what it writes as camt
# of other accounts.
_OWN_CODES = frozenset(("Qonto", "Primanota"))
_FAMILY, _SUB_FAMILY = "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd"


def operation_of(entry: Element, details: Element, cents: int, *, pays: str) -> str:
    """Return the operation of a row.

    Args:
        entry: the entry, whose code comes first: of a batch of fees, the details have the codes of the payments.
        details: its details.
        cents: its signed amount, which decides if no code says anything.
        pays: the role of the counterparty, ``Dbtr`` or ``Cdtr``.
    """
    codes = [code for one in (entry, details) for code in one.each("BkTxCd")]
    for code in codes:
        if code.value("Prtry/Issr") in _OWN_CODES and (own := code.value("Prtry/Cd")):
            return own
    families = [code.value(_FAMILY) for code in codes]
    found = [_SUB_FAMILIES.get(code.value(_SUB_FAMILY)) for code in codes]
    if not _DIRECT_DEBITS.isdisjoint(families[:1]):
        found.append("direct_debit_collection" if pays == "Dbtr" else "direct_debit")
    found += map(_FAMILIES.get, families)
    return next(filter(None, found), "income" if cents > 0 else "transfer")
