"""Norma 43 (Cuaderno 43): the statement that Spanish accounting software reads. Pure, streaming.

Source: AEB, “Información normalizada de cuenta corriente (SEPA)”, serie normas y procedimientos bancarios 43 (June
2012): appendix 1 for the records, appendix 2 for the common concepts.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Original, Statement, Transaction
from primanota.formats import Format, statement_fields
from primanota.formats.charsets import Fitter
from primanota.formats.exchange_rate import hundredths
from primanota.formats.fixed_width import (
    Counted,
    Record,
    SignTotals,
    account_holder,
    constant,
    digits,
    encode_lines,
    text,
)
from primanota.formats.templates import Cell

_DEBIT, _CREDIT = "1", "2"
_EURO = "978"
_ACCOUNT = (text("entity", 3, 6), text("office", 7, 10), text("number", 11, 20))
_HEADER = Record(
    80,
    constant("11", 1, 2),
    *_ACCOUNT,
    text("first", 21, 26),
    text("last", 27, 32),
    text("sign", 33),
    digits("opening_balance", 34, 47),
    constant(_EURO, 48, 50),
    constant("3", 51),  # the mode of information that has complementary texts
    text("name", 52, 77),
)
_MOVEMENT = Record(
    80,
    constant("22", 1, 2),
    text("office", 7, 10),
    text("day", 11, 16),
    text("value_day", 17, 22),
    text("concept", 23, 24),
    constant("000", 25, 27),  # the bank's own concept
    text("sign", 28),
    digits("amount", 29, 42),
    constant("0" * 22, 43, 64),  # document number, and a reference of digits with a check digit
    text("reference", 65, 80),
)
_TEXT = Record(80, constant("23", 1, 2), digits("place", 3, 4), text("left", 5, 42), text("right", 43, 80))
_ORIGINAL = Record(80, constant("2401", 1, 4), text("currency", 5, 7), digits("original_amount", 8, 21))
_FOOTER = Record(
    80,
    constant("33", 1, 2),
    *_ACCOUNT,
    digits("number_of_debits", 21, 25),
    digits("sum_of_debits", 26, 39),
    digits("number_of_credits", 40, 44),
    digits("sum_of_credits", 45, 58),
    text("sign", 59),
    digits("closing_balance", 60, 73),
    constant(_EURO, 74, 76),
)
_END = Record(80, constant("88" + "9" * 18, 1, 20), digits("number_of_records", 21, 26))

# Common concepts by operation type.
_CONCEPTS = {
    "income": "04",
    "transfer": "04",
    "cheque": "04",
    "swift_income": "13",
    "direct_debit": "03",
    "direct_debit_collection": "06",
    "card": "12",
    "card_acquirer_payout": "12",
    "fee": "17",
    "qonto_fee": "17",
    "account_remuneration": "17",
    "pay_later": "05",
    "financing_installment": "05",
    "recall": "98",
}
_OTHER = "99"
# ISO 4217, numbers of the currencies most used with cards. Amounts in other currencies are in the texts only.
_CURRENCIES = dict(
    re.findall(
        "([A-Z]{3})([0-9]{3})",
        "AED784 ARS032 AUD036 BGN975 BRL986 CAD124 CHF756 CLP152 CNY156 COP170 CZK203 DKK208 EGP818 GBP826 HKD344 "
        "HUF348 IDR360 ILS376 INR356 ISK352 JPY392 KRW410 KWD414 MAD504 MXN484 MYR458 NOK578 NZD554 PEN604 PHP608 "
        "PLN985 RON946 RSD941 SAR682 SEK752 SGD702 THB764 TND788 TRY949 TWD901 UAH980 USD840 UYU858 VND704 ZAR710",
    )
)


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Differences between readers.

    ``encoding``: Spanish banks write latin-1; aqbanking, which GnuCash uses, shows only ASCII correctly.
    ``foreign_amounts``: Tryton's aeb43 refuses a file with records 24; the texts have their amounts as well.
    """

    encoding: Literal["latin-1", "ascii"] = "latin-1"
    foreign_amounts: bool = True


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: no Spanish IBAN, a currency other than EUR, no balances, or a number that is too long.
    """
    return encode_lines(_lines(statement, options), options.encoding)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [*statement_fields.SHOWN_WITH_OPERATION, ("note", lambda row: row.note)]


FORMAT = Format(".n43", Options, render, shows, states_balances=True)


def _lines(statement: Statement, options: Options) -> Iterator[str]:
    lines = Counted(_account_lines(statement, options))
    yield from lines
    yield _END(number_of_records=lines.number)


def _account_lines(statement: Statement, options: Options) -> Iterator[str]:
    opening, closing = statement_fields.balances(statement)
    account = _account(statement.account)
    totals, fitter = SignTotals(_sign), Fitter(options.encoding, statement.text_changes)
    yield _HEADER(
        **account,
        first=f"{statement.first:%y%m%d}",
        last=f"{statement.last:%y%m%d}",
        sign=_sign(opening.cents),
        opening_balance=abs(opening.cents),
        name=account_holder(statement, options.encoding, 26),
    )
    for row in statement.rows:
        totals.add(row.amount.cents)
        yield from _row_lines(row, fitter, account["office"])
        if row.original and options.foreign_amounts:
            yield from _original(row.original)
    yield _FOOTER(
        **account,
        number_of_debits=totals.counts[_DEBIT],
        sum_of_debits=totals.sums[_DEBIT],
        number_of_credits=totals.counts[_CREDIT],
        sum_of_credits=totals.sums[_CREDIT],
        sign=_sign(closing.cents),
        closing_balance=abs(closing.cents),
    )


def _account(account: Account) -> dict[str, str]:
    iban = statement_fields.iban(account, "ES")
    if account.currency != "EUR":
        what = f"{account.name} is kept in {account.currency}, and this file can hold EUR only."
        raise FormatRuleViolated(what, statement_fields.OTHER_ACCOUNTS_HINT)
    # The two check digits between office and number are not part of the records.
    return {"entity": iban[4:8], "office": iban[8:12], "number": iban[14:24]}


def _row_lines(row: Transaction, fitter: Fitter, office: str) -> Iterator[str]:
    day = f"{row.day:%y%m%d}"
    yield _MOVEMENT(
        office=office,
        day=day,
        value_day=day,
        concept=_CONCEPTS.get(row.operation, _OTHER),
        sign=_sign(row.amount.cents),
        amount=abs(row.amount.cents),
        reference=statement_fields.short_id(row.id)[-16:].upper(),
    )
    texts = _texts(row, fitter)
    pairs = zip(texts[::2], [*texts[1::2], ""], strict=False)
    yield from (_TEXT(place=place, left=left, right=right) for place, (left, right) in enumerate(pairs, 1))


def _texts(row: Transaction, fitter: Fitter) -> list[str]:
    """Return the halves of records 23, 38 characters each: two for the counterparty, then purpose, then its account.

    They fill at most four of the five records: five would be read as the layout of a SEPA transfer (appendix 4).
    """
    name = fitter.fit_lines(row, "counterparty", row.counterparty, 38, 2)
    purpose = fitter.fit_lines(row, "purpose", f"{row.purpose} {row.details}", 38, 5)
    account = fitter.fit_lines(row, "account", row.counterparty_account, 38, 1)
    return [*name, *[""] * (2 - len(name) if name else 0), *purpose, *account]


def _original(original: Original) -> Iterator[str]:
    """Yield record 24 if the currency has a number here and the amount has at most two decimals."""
    amount = hundredths(original)
    if original.currency in _CURRENCIES and amount is not None:
        yield _ORIGINAL(currency=_CURRENCIES[original.currency], original_amount=abs(amount))


def _sign(cents: int) -> str:
    return _DEBIT if cents < 0 else _CREDIT
