"""CFONB 120 (also AFB 120): the statement that French accounting software reads. Pure, streaming.

Source: CFONB, “Relevé de compte sur support informatique” (July 2004), and “Évolutions du relevé de compte 120
caractères pour les opérations de virement” (August 2007), for the qualifiers of record 05.
"""

from collections.abc import Iterator

from primanota.core.model import Original, Statement, Transaction
from primanota.formats import Format, NoOptions, statement_fields
from primanota.formats.charsets import Fitter, shorten
from primanota.formats.fixed_width import Record, constant, digits, encode_lines, text
from primanota.formats.templates import Cell

# The document allows capitals, digits and few signs. Banks write ASCII in capitals, and every reader takes that.
_CHARSET = "ascii"
_ACCOUNT = (
    text("bank", 3, 7),
    text("branch", 12, 16),
    text("currency", 17, 19),
    constant("2", 20),  # decimals of the amount
    text("number", 22, 32),
)
_DATED = text("day", 35, 40)
_AMOUNT = text("amount", 91, 104)
_OLD_BALANCE = Record(120, constant("01", 1, 2), *_ACCOUNT, _DATED, _AMOUNT)
_MOVEMENT = Record(
    120,
    constant("04", 1, 2),
    *_ACCOUNT,
    text("code", 33, 34),
    _DATED,
    text("value_day", 43, 48),
    text("label", 49, 79),
    # The number of the entry, exemption and unavailability. A number of our own would change from file to file, and
    # Odoo recognises duplicates by it, so it is zero as in the files of most banks.
    constant("0" * 9, 82, 90),
    _AMOUNT,
    text("reference", 105, 120),
)
_DETAIL = Record(
    120,
    constant("05", 1, 2),
    *_ACCOUNT,
    text("code", 33, 34),
    _DATED,
    text("qualifier", 46, 48),
    text("detail", 49, 118),
)
_ORIGINAL = Record(70, text("currency", 1, 3), digits("decimals", 4), digits("original_amount", 5, 18))
_NEW_BALANCE = Record(120, constant("07", 1, 2), *_ACCOUNT, _DATED, _AMOUNT)

# The last digit has the sign as well: the overpunch of punched cards.
_IN, _OUT = "{ABCDEFGHI", "}JKLMNOPQR"
# Interbank codes by operation type, for money in and for money out; 91 is “opérations diverses”.
_CODES = {
    "income": ("05", "06"),
    "transfer": ("05", "06"),
    "swift_income": ("45", "44"),
    "recall": ("12", "12"),
    "direct_debit": ("10", "08"),
    "direct_debit_collection": ("09", "10"),
    "card": ("11", "11"),
    "card_acquirer_payout": ("30", "30"),
    "cheque": ("02", "01"),
    "fee": ("62", "62"),
    "qonto_fee": ("62", "62"),
    "account_remuneration": ("63", "70"),
    "pay_later": ("71", "72"),
    "financing_installment": ("71", "72"),
}
_OTHER = ("91", "91")


def render(statement: Statement, _: NoOptions) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines.

    Raises:
        FormatRuleViolated: no French IBAN, no balances, or an amount of more than 14 digits.
    """
    return encode_lines(_lines(statement), _CHARSET)


def shows(_: NoOptions) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [
        *statement_fields.SHOWN_WITH_OPERATION,
        ("note", lambda row: row.note),
        ("mandate", lambda row: row.mandate),
    ]


FORMAT = Format(".txt", NoOptions, render, shows, states_balances=True)


def _lines(statement: Statement) -> Iterator[str]:
    opening, closing = statement_fields.balances(statement)
    account = _account(statement)
    fitter = Fitter(_CHARSET, statement.text_changes)
    yield _OLD_BALANCE(**account, day=f"{statement.opening_day:%d%m%y}", amount=_overpunched(opening.cents))
    for row in statement.rows:
        yield from _row_lines(row, fitter, account)
    yield _NEW_BALANCE(**account, day=f"{statement.last:%d%m%y}", amount=_overpunched(closing.cents))


def _account(statement: Statement) -> dict[str, str]:
    iban = statement_fields.iban(statement.account, "FR")
    return {
        "bank": iban[4:9],
        "branch": iban[9:14],
        "number": iban[14:25],
        "currency": statement.account.currency,
    }


def _row_lines(row: Transaction, fitter: Fitter, account: dict[str, str]) -> Iterator[str]:
    about = account | {"code": statement_fields.operation_code(row, _CODES, _OTHER), "day": f"{row.day:%d%m%y}"}
    details = _details(row, fitter)
    label = details.get("NPY") or details.get("NBE") or details.get("LCC") or ""
    key = statement_fields.short_id(row.id)
    yield _MOVEMENT(
        **about,
        value_day=about["day"],
        label=shorten(label, 31).upper(),
        amount=_overpunched(row.amount.cents),
        reference=key[-16:].upper(),
    )
    for qualifier, detail in (details | {"REF": key}).items():
        if detail:
            yield _DETAIL(**about, qualifier=qualifier, detail=detail.upper())


def _details(row: Transaction, fitter: Fitter) -> dict[str, str]:
    """Return the details of a row by their qualifiers, in the order of the file; empty if the row has none."""
    payer, account = ("NBE", "CBE") if row.amount.cents < 0 else ("NPY", "CPY")
    first, second, *_ = [*fitter.fit_lines(row, "purpose", f"{row.purpose} {row.details}", 70, 2), "", ""]
    return {
        payer: fitter.fit(row, "counterparty", row.counterparty, 70),
        account: fitter.fit(row, "account", row.counterparty_account, 35),
        "LCC": first,
        "LC2": second,
        "RUM": fitter.fit(row, "mandate", row.mandate, 35),
        "MMO": _original(row.original) if row.original else "",
    }


def _overpunched(cents: int) -> str:
    tens, last = divmod(abs(cents), 10)
    return f"{tens:013}{(_OUT if cents < 0 else _IN)[last]}"


def _original(original: Original) -> str:
    """Return the original amount with at least two decimals, for python-cfonb divides by their number."""
    exact = abs(original.amount)
    decimals = max(2, -int(exact.as_tuple().exponent))
    return _ORIGINAL(currency=original.currency, decimals=decimals, original_amount=int(exact.scaleb(decimals)))
