"""Recognise the values of cells: days, amounts, account numbers. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import product

# Formats of days, the likelier first, and of the times behind them.
DAYS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%y", "%d/%m/%y", "%d-%m-%y"),
    *("%m/%d/%Y", "%m-%d-%Y", "%m/%d/%y", "%m-%d-%y", "%y-%m-%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y"),
    *("%Y%m%d", "%d%m%Y"),
)
_TIMES = ("", " %H:%M:%S", " %H:%M", "T%H:%M:%S", "T%H:%M", ", %H:%M")
_LIKE_A_DAY = re.compile(r"\d{8}(?:[ T,].{0,10})?$|(?:\d{1,4}|[A-Z][a-z]{2})[-./ ]\w{1,9}[-./, ]{1,2}\d{2,4}.{0,10}$")
_YEARS = range(1970, 2100)
MARKS = (".", ",")
# Fillers that stand in cells without a value.
FILLERS = ("_", "-", "--", "---", ".", "n/a", "N/A", "NA", "null", "NULL", "NOTPROVIDED")
_CURRENCIES = [
    "EUR",
    "USD",
    "GBP",
    "CHF",
    "PLN",
    "CZK",
    "SEK",
    "DKK",
    "NOK",
    "HUF",
    "RON",
    "BGN",
    "JPY",
    "CNY",
    "CAD",
    "AUD",
]
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_SIGN = re.compile(r"^(?:[€$£]|[A-Z]{3}\b)\s*|\s*(?:[€$£]|\b[A-Z]{3})$")
_AROUND = re.compile(r"^\((.*)\)$|^(.*\d)\s*-$")
_BETWEEN = " \u00a0\u202f'\u2019"
_BLANKS = str.maketrans("", "", _BETWEEN)
_NUMBER = {
    ".": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d{1,2})?"),
    ",": re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d{1,2})?"),
}
# A longer text is neither a day nor an amount.
_LONGEST = 60
# Two to four letters or digits, alone or joined: a country, a key of the bank, an ISO 20022 code of a transaction.
_CODE = re.compile(r"[A-ZÄÖÜ0-9]{1,4}(?:[-/+._][A-Z0-9]{1,4})*|[a-zäöü]{2}")
_SHORT_CODE = re.compile(r"[A-ZÄÖÜ0-9]{1,2}|[a-zäöü]{2}")
_BIC = re.compile(
    r"[A-Z]{4}(?:AT|BE|BG|CH|CY|CZ|DE|DK|EE|ES|FI|FR|GB|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MC|MT|NL|NO|PL|PT|RO|SE|SI|SK|SM"
    r"|US)[A-Z0-9]{2}(?:[A-Z0-9]{3})?"
)
_DECIMALS = re.compile(r"\d[.,]\d{1,2}\D*$")


def day_forms(cells: Iterable[str]) -> list[tuple[str, str]]:
    """Return the formats of days and of times behind them in which all cells can be read, the likeliest first.

    A statement covers few days: of two readings, the one with the shorter span is likelier.
    """
    texts = list(dict.fromkeys(cells))
    # Most texts are no days: strptime would be slow for each of many forms.
    if not all(len(text) <= _LONGEST and _LIKE_A_DAY.match(text) for text in texts):
        return []
    forms = [(day, time) for day, time in product(DAYS, _TIMES) if texts]
    for text in texts:
        forms = [(day, time) for day, time in forms if _moment(text, day + time)]
    exact = [form for form in forms if all(_is_exact(text, "".join(form)) for text in texts)]
    return sorted(exact or forms, key=lambda form: _span(texts, "".join(form)))


def marks(cells: Iterable[str]) -> list[str]:
    """Return the decimal marks with which all cells can be amounts."""
    cells = list(cells)
    if any(len(cell) > _LONGEST for cell in cells):
        return []
    texts = [bare(cell) for cell in cells]
    return [mark for mark in MARKS if texts and all(_NUMBER[mark].fullmatch(text) for text in texts)]


def has_decimals(cells: Iterable[str]) -> bool:
    """Return whether one of the cells has decimals, and so is an amount rather than a plain number."""
    return any(_DECIMALS.search(cell) for cell in cells if len(cell) <= _LONGEST)


def cents(cell: str, mark: str) -> int:
    """Return an amount in cents; a cell that is not an amount is 0."""
    text = bare(cell)
    if not _NUMBER[mark].fullmatch(text):
        return 0
    whole, _, part = text.replace("+", "").partition(mark)
    digits = re.sub(r"\D", "", whole) + part.ljust(2, "0")
    return -int(digits) if whole.startswith("-") else int(digits)


def bare(cell: str) -> str:
    """Return an amount without its currency and the blanks between its digits, with its sign before it."""
    text = _SIGN.sub("", cell.strip()).replace("\u2212", "-")
    if around := _AROUND.match(text):
        text = f"-{around[1] or around[2]}"
    return text.translate(_BLANKS)


@lru_cache(maxsize=1 << 14)
def is_value(cell: str) -> bool:
    """Return whether a cell is a day, an amount or an IBAN, and so not a heading."""
    text = cell.strip()
    return 0 < len(text) <= _LONGEST and (are_ibans([text]) or bool(marks([text])) or bool(day_forms([text])))


def are_figures(cells: Sequence[str]) -> bool:
    """Return whether all cells are days, or all are amounts; whole numbers alone do not count."""
    return bool(day_forms(cells)) or (bool(marks(cells)) and has_decimals(cells))


def are_ibans(cells: Sequence[str]) -> bool:
    """Return whether all cells are IBANs."""
    return bool(cells) and all(_IBAN.fullmatch(cell.replace(" ", "")) for cell in cells)


def are_bics(cells: Sequence[str]) -> bool:
    """Return whether all cells are BICs of banks in Europe or the United States."""
    return bool(cells) and all(_BIC.fullmatch(cell.replace(" ", "")) for cell in cells)


def are_codes(cells: Sequence[str], *, names: bool = False) -> bool:
    """Return whether all cells are codes rather than texts; for ``names`` four letters are a name, such as IKEA."""
    code = _SHORT_CODE if names else _CODE
    return bool(cells) and all(cell.isdigit() or code.fullmatch(cell) or are_bics([cell]) for cell in cells)


def are_currencies(cells: Sequence[str]) -> bool:
    """Return whether all cells are currency codes."""
    return bool(cells) and all(cell in _CURRENCIES for cell in cells)


def unusual_notations(cells: Sequence[str]) -> list[str]:
    """Return the notations of these amounts that this program does not write."""
    texts = [cell.strip().replace("\u2212", "-") for cell in cells]
    found = {
        "a plus sign": any(text.startswith("+") for text in texts),
        "a currency": any(_SIGN.search(text) for text in texts),
        "a minus behind them": any(text.endswith("-") for text in texts),
        "brackets for a minus": any(text.startswith("(") for text in texts),
        "marks between thousands": any(re.search(rf"\d[.,{_BETWEEN}]\d{{3}}(?:\D|$)", text) for text in texts),
    }
    return [name for name, there in found.items() if there]


def _moment(text: str, form: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, form)  # noqa: DTZ007 - it is written without a zone
    except ValueError:
        return None
    # Digits alone are a day only in full: 1112026 is a number.
    right = moment.year in _YEARS and (not text.isdigit() or moment.strftime(form) == text)
    return moment if right else None


def _is_exact(text: str, form: str) -> bool:
    moment = _moment(text, form)
    return moment is not None and moment.strftime(form) == text


def _span(texts: Iterable[str], form: str) -> int:
    moments = [moment for text in texts if (moment := _moment(text, form))]
    return (max(moments) - min(moments)).days
