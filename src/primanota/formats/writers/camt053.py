"""CAMT.053, the bank statement of ISO 20022 (BankToCustomerStatement), in two versions. Pure, streaming.

Elements, their order and lengths are those of the schemas ``camt.053.001.02.xsd`` and ``camt.053.001.08.xsd``. These
allowed elements are left out:

- ``TxsSummry`` would stand before the rows whose totals it gives, so that a large statement could not be streamed.
- ``NtryRef`` would only repeat ``AcctSvcrRef``, and importers have taken it for the number of the account.
- ``AddtlTxInf`` is shown instead of the purpose by Odoo (OCA, ``account_statement_import_camt``).
- ``EndToEndId`` is not known from the bank, and the usual NOTPROVIDED would become every row's reference there.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

import msgspec

from primanota.core.model import Money, Original, Statement, Transaction
from primanota.core.text import clean
from primanota.formats import Format
from primanota.formats.charsets import Fitter, wrap
from primanota.formats.exchange_rate import rate
from primanota.formats.statement_fields import (
    NOT_PROVEN_NOTE,
    SHOWN_WITH_OPERATION,
    balances,
    bank_name,
    iban,
    short_id,
    statement_id,
)
from primanota.formats.templates import Cell

_OPENED = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.{}"><BkToCstmrStmt>
"""
_CLOSED = "</Stmt></BkToCstmrStmt></Document>\n"
# The characters that XML 1.0 does not have (section 2.2, Char) and that ``clean`` leaves in a text.
_NOT_XML = {"\ufffe": ".", "\uffff": "."}
_AS_XML = str.maketrans(_NOT_XML)
_ROWS_AT_ONCE = 100
_REFERENCE, _NAME, _PURPOSE, _ADDITIONAL = 35, 140, 140, 500
_ACCOUNT, _ACCOUNT_NAME = 34, 70
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
# Issues the codes of operations in an account of files: they are this program's own words.
_PROGRAM = "Primanota"
# Narrower than either schema: a BIC that both versions accept.
_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")

# ISO 20022 External Code Sets, bank transaction codes: family and sub-family of the domain PMNT, for money in and
# for money out. RRTN is a returned transfer, UPDD a returned direct debit.
_IN = {
    "account_remuneration": ("MCOP", "INTR"),
    "card": ("CCRD", "RIMB"),
    "card_acquirer_payout": ("MCRD", "POSP"),
    "cheque": ("RCHQ", "CCHQ"),
    "direct_debit": ("RDDT", "UPDD"),
    "direct_debit_collection": ("IDDT", "ESDD"),
    "fee": ("MCOP", "FEES"),
    "income": ("RCDT", "ESCT"),
    "qonto_fee": ("MCOP", "FEES"),
    "recall": ("ICDT", "RRTN"),
    "swift_income": ("RCDT", "XBCT"),
    "transfer": ("RCDT", "ESCT"),
}
_OUT = {
    "account_remuneration": ("MDOP", "INTR"),
    "card": ("CCRD", "POSD"),
    "cheque": ("RCHQ", "UPCQ"),
    "direct_debit": ("RDDT", "ESDD"),
    "direct_debit_collection": ("IDDT", "UPDD"),
    "f24": ("MDOP", "TAXE"),
    "fee": ("MDOP", "FEES"),
    "income": ("RCDT", "RRTN"),
    "nrc_payment": ("MDOP", "TAXE"),
    "qonto_fee": ("MDOP", "FEES"),
    "recall": ("RCDT", "RRTN"),
    "swift_income": ("RCDT", "RRTN"),
    "transfer": ("ICDT", "ESCT"),
}


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``version`` of the message: 001.08 of 2019, or 001.02 of 2009 for older programs."""

    version: Literal["001.08", "001.02"] = "001.08"


class _Version(NamedTuple):
    """Differences of the versions: the paths of a status, a bank's BIC and a party's name; amounts in the details."""

    status: str
    bic: str
    name: str
    details_have_amounts: bool


_VERSIONS = {
    "001.02": _Version("Sts", "BIC", "Nm", details_have_amounts=False),
    "001.08": _Version("Sts/Cd", "BICFI", "Pty/Nm", details_have_amounts=True),
}


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole entries.

    Raises:
        FormatRuleViolated: the account has no IBAN, or the balances at both ends are not known.
    """
    fitter, version = Fitter("utf-8", statement.text_changes, _NOT_XML), _VERSIONS[options.version]
    yield _OPENED.format(options.version).encode()
    yield f"{_head(statement)}\n".encode()
    rows, issuer = iter(statement.rows), bank_name(statement.account) or _PROGRAM
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        yield "".join([f"{_entry(row, version, fitter, issuer)}\n" for row in some]).encode()
    yield _leaf("AddtlStmtInf", "" if statement.proven else NOT_PROVEN_NOTE).encode()
    yield _CLOSED.encode()


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [
        *SHOWN_WITH_OPERATION,
        ("bank", lambda row: row.bic),
        ("mandate", lambda row: row.mandate),
        ("note", lambda row: row.note),
    ]


FORMAT = Format(".xml", Options, render, shows, states_balances=True)


def _head(statement: Statement) -> str:
    first, last, account = statement.first, statement.last, statement.account
    opening, closing = balances(statement)
    key = statement_id(statement)
    begins, ends = _ends(statement)
    # Made at the last moment of the statement, so that the same statement gives the same bytes.
    created = _leaf("CreDtTm", ends)
    parts = (
        _leaf("Id", key),
        _leaf("ElctrncSeqNb", f"{statement.number}"),
        created,
        _node("FrToDt", _leaf("FrDtTm", begins), _leaf("ToDtTm", ends)),
        _node(
            "Acct",
            _leaf("Id/IBAN", iban(account)),
            _leaf("Ccy", account.currency),
            _leaf("Nm", _plain(account.name, _ACCOUNT_NAME)),
            _leaf("Ownr/Nm", _plain(statement.company.name, _NAME) if statement.company else ""),
        ),
        _balance("OPBD", opening, f"{first}"),
        _balance("CLBD", closing, f"{last}"),
    )
    return "\n".join((_node("GrpHdr", _leaf("MsgId", key), created), "<Stmt>", *parts))


def _ends(statement: Statement) -> tuple[str, str]:
    """Return the local times at both ends; with the difference to UTC where clocks are put back between them."""
    starts_at, ends_at = statement.starts_at, statement.ends_at
    if starts_at and ends_at and starts_at.replace(tzinfo=None) > ends_at.replace(tzinfo=None):
        return starts_at.isoformat(timespec="seconds"), ends_at.isoformat(timespec="seconds")
    return (
        f"{starts_at:%Y-%m-%dT%H:%M:%S}" if starts_at else f"{statement.first}T00:00:00",
        f"{ends_at:%Y-%m-%dT%H:%M:%S}" if ends_at else f"{statement.last}T23:59:59",
    )


def _balance(kind: str, amount: Money, day: str) -> str:
    # A balance of zero is a credit (message definition, CreditDebitIndicator).
    return _node(
        "Bal", _leaf("Tp/CdOrPrtry/Cd", kind), _amount(amount, incoming=amount.cents >= 0), _leaf("Dt/Dt", day)
    )


def _entry(row: Transaction, version: _Version, fitter: Fitter, issuer: str) -> str:
    # A row of 0.00 is money out, as it is with the bank: the check of a card.
    incoming = row.amount.cents > 0
    key, amount = _leaf("AcctSvcrRef", short_id(row.id)), _amount(row.amount, incoming=incoming)
    purpose = wrap(fitter.fit(row, "purpose", row.purpose), _PURPOSE)
    return _node(
        "Ntry",
        amount,
        _leaf(version.status, "BOOK"),
        _leaf("BookgDt/Dt", f"{row.day}"),
        _leaf("ValDt/Dt", f"{row.day}"),
        key,
        _code(row.operation, issuer, incoming=incoming),
        _node(
            "NtryDtls/TxDtls",
            _node("Refs", key, _leaf("MndtId", fitter.fit(row, "mandate", row.mandate, _REFERENCE))),
            amount if version.details_have_amounts else "",
            _node("AmtDtls", _original(row), _node("TxAmt", _money(row.amount))),
            _counterparty(row, version, fitter, role="Dbtr" if incoming else "Cdtr"),
            _node("RmtInf", *(_leaf("Ustrd", line) for line in purpose)),
        ),
        _leaf("AddtlNtryInf", fitter.fit(row, "details", row.details, _ADDITIONAL)),
    )


@cache
def _code(operation: str, issuer: str, *, incoming: bool) -> str:
    kinds, other = (_IN, "MCOP") if incoming else (_OUT, "MDOP")
    family, sub_family = kinds.get(operation, (other, "OTHR"))
    return _node(
        "BkTxCd",
        _node("Domn", _leaf("Cd", "PMNT"), _node("Fmly", _leaf("Cd", family), _leaf("SubFmlyCd", sub_family))),
        _node("Prtry", _leaf("Cd", _plain(operation, _REFERENCE) or "other"), _leaf("Issr", issuer)),
    )


def _counterparty(row: Transaction, version: _Version, fitter: Fitter, *, role: str) -> str:
    name = fitter.fit(row, "counterparty", row.counterparty, _NAME)
    account = fitter.fit(row, "account", row.counterparty_account.replace(" ", ""), _ACCOUNT)
    bank = fitter.fit(row, "bank", row.bic, _REFERENCE)
    number = "IBAN" if _IBAN.fullmatch(account) else "Othr/Id"
    code = version.bic if _BIC.fullmatch(bank) else "Othr/Id"
    parties = _node("RltdPties", _leaf(f"{role}/{version.name}", name), _leaf(f"{role}Acct/Id/{number}", account))
    return parties + _node("RltdAgts", _leaf(f"{role}Agt/FinInstnId/{code}", bank))


def _original(row: Transaction) -> str:
    if row.original is None:
        return ""
    spent, currency = str(Original(abs(row.original.amount), row.original.currency)).split(" ")
    known = rate(row)
    between = _leaf("SrcCcy", currency), _leaf("TrgtCcy", row.amount.currency), _leaf("UnitCcy", currency)
    exchange = _node("CcyXchg", *between, _leaf("XchgRate", known)) if known else ""
    return _node("InstdAmt", f'<Amt Ccy="{currency}">{spent}</Amt>', exchange)


def _plain(text: str, limit: int) -> str:
    """Return a text that does not belong to a row, cut to a limit and not reported."""
    return clean(text).translate(_AS_XML)[:limit]


def _amount(money: Money, *, incoming: bool) -> str:
    return _money(money) + _leaf("CdtDbtInd", "CRDT" if incoming else "DBIT")


def _money(money: Money) -> str:
    return f'<Amt Ccy="{money.currency}">{Money(abs(money.cents)):.}</Amt>'


def _leaf(path: str, text: str) -> str:
    """Return an element with a text, inside the elements before it in the path; empty if the text is."""
    if not text:
        return ""
    opened, closed = _tags(path)
    return f"{opened}{escape(text)}{closed}"


def _node(path: str, *parts: str) -> str:
    """Return an element of elements; empty if they are."""
    inside = "".join(parts)
    if not inside:
        return ""
    opened, closed = _tags(path)
    return f"{opened}{inside}{closed}"


@cache
def _tags(path: str) -> tuple[str, str]:
    names = path.split("/")
    return "".join(f"<{name}>" for name in names), "".join(f"</{name}>" for name in reversed(names))
