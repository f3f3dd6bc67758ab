"""OFX 1.0.2, the SGML form of Open Financial Exchange, in the characters of Windows-1252. Pure, streaming.

Section numbers are those of the specification. Of all encodings this is the one that ofxparse (Odoo), ofxtools and
libofx (GnuCash, KMyMoney, HomeBank) read alike.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

from primanota.core.model import Money, Statement, Transaction
from primanota.formats import Format, NoOptions
from primanota.formats.charsets import Fitter, shorten
from primanota.formats.exchange_rate import rate
from primanota.formats.statement_fields import (
    NOT_PROVEN_NOTE,
    SHOWN,
    balances,
    iban,
    is_usual_id,
    joined_memo,
    short_id,
)
from primanota.formats.templates import Cell

_CHARSET = "cp1252"
_NAME, _MEMO, _NUMBER = 32, 255, 22
_HEADER = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:1252
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

"""

# TRNTYPE, if it is more specific than CREDIT or DEBIT (11.4.3.1), for money in and for money out.
_IN = {"account_remuneration": "INT", "cheque": "DEP", "transfer": "XFER"}
_OUT = {
    "account_remuneration": "INT",
    "card": "POS",
    "direct_debit": "DIRECTDEBIT",
    "fee": "SRVCHG",
    "qonto_fee": "SRVCHG",
    "transfer": "XFER",
}


class _Parts(NamedTuple):
    """The places of the numbers of bank, branch and account in an IBAN."""

    bank: slice
    branch: slice
    account: slice


_NO_BRANCH = slice(0)
# SWIFT, IBAN Registry. They must fit into 9, 22 and 22 characters (11.3.1), so the whole IBAN cannot be the number.
_PARTS = {
    "AT": _Parts(slice(4, 9), _NO_BRANCH, slice(9, 20)),
    "BE": _Parts(slice(4, 7), _NO_BRANCH, slice(4, 16)),
    "DE": _Parts(slice(4, 12), _NO_BRANCH, slice(12, 22)),
    "ES": _Parts(slice(4, 8), slice(8, 12), slice(14, 24)),
    "FR": _Parts(slice(4, 9), slice(9, 14), slice(14, 25)),
    "IT": _Parts(slice(5, 10), slice(10, 15), slice(15, 27)),
    "NL": _Parts(slice(4, 8), _NO_BRANCH, slice(8, 18)),
    "PT": _Parts(slice(4, 8), slice(8, 12), slice(12, 23)),
}
_ELSEWHERE = _Parts(slice(4, 8), _NO_BRANCH, slice(4, None))


def render(statement: Statement, _: NoOptions) -> Iterator[bytes]:
    """Yield the file, a transaction at a time.

    Raises:
        FormatRuleViolated: the account has no IBAN, or the balances at both ends are not known.
    """
    closing = balances(statement)[1]
    fitter = Fitter(_CHARSET, statement.text_changes)
    yield _encode(_HEADER, _head(statement))
    for row in statement.rows:
        yield _encode(_transaction(row, fitter))
    yield _encode(_foot(closing, statement.last))


def shows(_: NoOptions) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [*(shown for shown in SHOWN if shown[0] != "account"), ("type", _type), ("note", lambda row: row.note)]


FORMAT = Format(".ofx", NoOptions, render, shows, states_balances=True)


def _head(statement: Statement) -> str:
    number = iban(statement.account)
    parts = _PARTS.get(number[:2], _ELSEWHERE)
    ok = "<STATUS>\n<CODE>0\n<SEVERITY>INFO\n"
    return "".join(
        (
            f"<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n{ok}</STATUS>\n",
            # Made on the last day of the statement, so that the same statement gives the same bytes.
            _leaf("DTSERVER", _noon(statement.last)),
            "<LANGUAGE>ENG\n</SONRS>\n</SIGNONMSGSRSV1>\n<BANKMSGSRSV1>\n<STMTTRNRS>\n<TRNUID>0\n",
            ok,
            _leaf("MESSAGE", "" if statement.proven else NOT_PROVEN_NOTE),
            "</STATUS>\n<STMTRS>\n",
            _leaf("CURDEF", statement.account.currency),
            "<BANKACCTFROM>\n",
            _leaf("BANKID", number[parts.bank]),
            _leaf("BRANCHID", number[parts.branch]),
            _leaf("ACCTID", number[parts.account][-_NUMBER:]),
            "<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n<BANKTRANLIST>\n",
            _leaf("DTSTART", _noon(statement.first)),
            _leaf("DTEND", _noon(statement.last)),
        )
    )


def _transaction(row: Transaction, fitter: Fitter) -> str:
    name = fitter.fit(row, "counterparty", row.counterparty, _NAME)
    memo = fitter.fit(row, "purpose", joined_memo(row), _MEMO)
    currency, known = row.original.currency if row.original else "", rate(row)
    return "".join(
        (
            "<STMTTRN>\n",
            _leaf("TRNTYPE", _type(row)),
            _leaf("DTPOSTED", _noon(row.day)),
            _leaf("TRNAMT", f"{row.amount:.}"),
            _leaf("FITID", row.id if is_usual_id(row.id) else short_id(row.id)),
            # Odoo refuses a row that has neither a name nor a memo.
            _leaf("NAME", name or shorten(memo, _NAME) or short_id(row.id)),
            _leaf("MEMO", memo),
            # CURRATE is the account's currency for one of the other (5.2), and must stand first.
            f"<ORIGCURRENCY>\n<CURRATE>{known}\n<CURSYM>{currency}\n</ORIGCURRENCY>\n" if known else "",
            "</STMTTRN>\n",
        )
    )


def _type(row: Transaction) -> str:
    kinds, other = (_IN, "CREDIT") if row.amount.cents > 0 else (_OUT, "DEBIT")
    return kinds.get(row.operation, other)


def _foot(closing: Money, last: date) -> str:
    balance = _leaf("BALAMT", f"{closing:.}") + _leaf("DTASOF", _noon(last))
    return f"</BANKTRANLIST>\n<LEDGERBAL>\n{balance}</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n</BANKMSGSRSV1>\n</OFX>\n"


def _leaf(tag: str, text: str) -> str:
    """Return an element with a text, which SGML need not close; empty if the text is."""
    return f"<{tag}>{escape(text)}\n" if text else ""


def _noon(day: date) -> str:
    # Noon is the same day in nearly every time zone; a day without a time is read as midnight by some programs.
    return f"{day:%Y%m%d}120000[0:GMT]"


def _encode(*parts: str) -> bytes:
    return "".join(parts).replace("\n", "\r\n").encode(_CHARSET)
