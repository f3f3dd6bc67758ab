"""CODA 2: the coded statement of account that Belgian accounting software reads. Pure, streaming.

Source: Febelfin, “Coded statement of account (CODA)”, version 2.6: the chapters on records, on structured
communications, and annex II on the codes of transactions.
"""

import re
from collections.abc import Iterator
from datetime import date

from primanota.core.model import Statement, Transaction
from primanota.formats import Format, NoOptions, statement_fields
from primanota.formats.charsets import Fitter
from primanota.formats.fixed_width import (
    Counted,
    Field,
    Record,
    SignTotals,
    account_holder,
    constant,
    digits,
    encode_lines,
    text,
)
from primanota.formats.templates import Cell

_CHARSET = "latin-1"
# Movements are numbered with four digits, statements with three.
_MOST_MOVEMENTS = 9_999
_MOST_STATEMENTS = 999
_CREDIT, _DEBIT = "0", "1"
# A Belgian structured communication, “+++090/9337/55493+++”: ten digits, and their remainder modulo 97.
_STRUCTURED = re.compile("[+*]{3}([0-9]{3})/([0-9]{4})/([0-9]{5})[+*]{3}")


def _account(first: int) -> tuple[Field, Field]:
    return text("iban", first, first + 33), text("currency", first + 34, first + 36)


def _balance(first: int) -> tuple[Field, Field, Field]:
    return text("sign", first), digits("balance", first + 1, first + 15), text("day", first + 16, first + 21)


_SEQUENCE = (digits("sequence", 3, 6), constant("0000", 7, 10))
_HEADER = Record(
    128,
    constant("00000", 1, 5),
    text("day", 6, 11),
    text("bank", 12, 14),
    constant("05", 15, 16),
    text("reference", 25, 34),
    text("holder", 35, 60),
    constant("0" * 11, 72, 82),  # the holder's enterprise number, which the bank does not state
    constant("00000", 84, 88),
    constant("2", 128),
)
_OLD_BALANCE = Record(
    128,
    constant("12", 1, 2),  # the account is a Belgian IBAN
    digits("number", 3, 5),
    *_account(6),
    *_balance(43),
    text("holder", 65, 90),
    digits("number", 126, 128),
)
_MOVEMENT = Record(
    128,
    constant("21", 1, 2),
    *_SEQUENCE,
    text("reference", 11, 31),
    text("sign", 32),
    digits("amount", 33, 47),
    text("value_day", 48, 53),
    text("code", 54, 61),
    text("kind", 62),
    text("communication", 63, 115),
    text("day", 116, 121),
    digits("number", 122, 124),
    constant("0", 125),
    digits("more", 126),
    constant("0", 128),
)
_CONTINUED = Record(
    128,
    constant("22", 1, 2),
    *_SEQUENCE,
    text("communication", 11, 63),
    text("bic", 99, 109),
    digits("more", 126),
    constant("0", 128),
)
_COUNTERPARTY = Record(
    128,
    constant("23", 1, 2),
    *_SEQUENCE,
    *_account(11),
    text("name", 48, 82),
    text("communication", 83, 125),
    constant("0", 126),
    constant("0", 128),
)
_NEW_BALANCE = Record(128, constant("8", 1), digits("number", 2, 4), *_account(5), *_balance(42), constant("0", 128))
_MESSAGE = Record(128, constant("4", 1), constant("00000000", 3, 10), text("message", 33, 112), constant("0", 128))
_TRAILER = Record(
    128,
    constant("9", 1),
    digits("number_of_records", 17, 22),
    digits("sum_of_debits", 23, 37),
    digits("sum_of_credits", 38, 52),
    constant("2", 128),  # no other statement follows in the file
)

# Codes by operation type, for money in and for money out: simple amount (0), family, transaction, net amount (000).
_CODES = {
    "income": ("00150000", "00101000"),
    "transfer": ("00150000", "00101000"),
    "recall": ("00199000", "00149000"),
    "cheque": ("00352000", "00301000"),
    "card": ("00499000", "00402000"),
    "card_acquirer_payout": ("00450000", "00449000"),
    "direct_debit": ("00554000", "00501000"),
    "direct_debit_collection": ("00550000", "00503000"),
    "pay_later": ("01350000", "01307000"),
    "financing_installment": ("01350000", "01307000"),
    "account_remuneration": ("03550000", "03501000"),
    "swift_income": ("04150000", "04101000"),
    "fee": ("08099000", "08035000"),
    "qonto_fee": ("08099000", "08035000"),
}
_OTHER = ("03089000", "03039000")


def render(statement: Statement, _: NoOptions) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: no Belgian IBAN, no balances, or an amount of more than 12 digits before the point.
    """
    return encode_lines(_lines(statement), _CHARSET)


def shows(_: NoOptions) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [
        *statement_fields.SHOWN_WITH_OPERATION,
        ("note", lambda row: row.note),
        ("bank", lambda row: statement_fields.counterparty_bank(row, statement_fields.BIC, [])),
    ]


FORMAT = Format(".cod", NoOptions, render, shows, states_balances=True, max_rows=_MOST_MOVEMENTS)


def _lines(statement: Statement) -> Iterator[str]:
    account = {"iban": statement_fields.iban(statement.account, "BE"), "currency": statement.account.currency}
    name = account_holder(statement, _CHARSET, 26)
    day, totals = _day(statement.last), SignTotals(_sign)
    # Of the key, as many digits as the field has: with the number in the records below, it tells statements apart.
    reference = statement.key[:10].upper() or f"{statement.number}"
    yield _HEADER(day=day, bank=account["iban"][4:7], reference=reference, holder=name)
    lines = Counted(_counted(statement, account, name, totals))
    yield from lines
    if not statement.proven:
        yield _MESSAGE(message=statement_fields.NOT_PROVEN_NOTE)
    yield _TRAILER(
        number_of_records=lines.number,
        sum_of_debits=_thousandths(totals.sums[_DEBIT]),
        sum_of_credits=_thousandths(totals.sums[_CREDIT]),
    )


def _counted(statement: Statement, account: dict[str, str], name: str, totals: SignTotals) -> Iterator[str]:
    """Yield the records that the trailer counts."""
    opening, closing = statement_fields.balances(statement)
    number = statement_fields.statement_number(statement, _MOST_STATEMENTS)
    fitter = Fitter(_CHARSET, statement.text_changes)
    yield _OLD_BALANCE(**account, **_balance_on(opening.cents, statement.opening_day), number=number, holder=name)
    for sequence, row in enumerate(statement.rows, 1):
        totals.add(row.amount.cents)
        yield from _movement(row, fitter, sequence, number)
    yield _NEW_BALANCE(**account, **_balance_on(closing.cents, statement.last), number=number)


def _balance_on(cents: int, day: date) -> dict[str, str | int]:
    return {"sign": _sign(cents), "balance": _thousandths(cents), "day": _day(day)}


def _movement(row: Transaction, fitter: Fitter, sequence: int, number: int) -> Iterator[str]:
    bic = statement_fields.counterparty_bank(row, statement_fields.BIC, fitter.text_changes)
    kind, communication = _communication(row, fitter)
    name = fitter.fit(row, "counterparty", row.counterparty, 35)
    iban = fitter.fit(row, "account", row.counterparty_account, 34)
    counterparty = bool(name or iban or communication[106:])
    continued = bool(bic or communication[53:])
    day = _day(row.day)
    yield _MOVEMENT(
        sequence=sequence,
        reference=statement_fields.short_id(row.id)[-21:].upper(),
        sign=_sign(row.amount.cents),
        amount=_thousandths(row.amount.cents),
        value_day=day,
        code=statement_fields.operation_code(row, _CODES, _OTHER),
        kind=kind,
        communication=communication[:53],
        day=day,
        number=number,
        more=continued or counterparty,
    )
    if continued:
        yield _CONTINUED(sequence=sequence, communication=communication[53:106], bic=bic, more=counterparty)
    if counterparty:
        currency = row.amount.currency if iban else ""
        texts = {"name": name, "communication": communication[106:]}
        yield _COUNTERPARTY(sequence=sequence, iban=iban, currency=currency, **texts)


def _communication(row: Transaction, fitter: Fitter) -> tuple[str, str]:
    """Return kind and text: structured (type 101) if the reference is, else purpose and details in 149 places."""
    found = _STRUCTURED.fullmatch(row.reference.strip())
    number = "".join(found.groups()) if found else ""
    if number and (int(number[:10]) % 97 or 97) == int(number[10:]):
        fitter.fit(row, "details", row.details, 0)  # they have no field beside it: this reports them
        return "1", f"101{number}"
    return "0", fitter.fit(row, "purpose", f"{row.purpose} {row.details}", 149)


def _sign(cents: int) -> str:
    return _DEBIT if cents < 0 else _CREDIT


def _thousandths(cents: int) -> int:
    return abs(cents) * 10


def _day(day: date) -> str:
    return f"{day:%d%m%y}"
