"""The tables of a pack as CSV: every row, those without a receipt, and what changed after a close. Pure.

UTF-8 with a byte order mark and commas, as Excel and every program of tables can import it; a text that a spreadsheet
would compute gets an apostrophe before it. Receipts of one row are separated by blanks, which no name has.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from io import StringIO

from primanota.close.rows import AccountRows, MonthRow, NamedFile
from primanota.core.model import Account, Transaction, decimal_text
from primanota.core.month_close import LateChange
from primanota.core.text import clean
from primanota.formats.formula_guard import guarding

_BOM = "\ufeff"
_guarded = guarding("'")
_INDEX = (
    *("row", "account", "day", "amount", "currency", "counterparty", "purpose", "member"),
    *("receipt_state", "receipts", "sha256", "batches"),
)
_MISSING = ("member", "receipt_state", "day", "amount", "currency", "counterparty", "purpose", "account", "row")
_LATER = (
    *("month", "edition", "change", "account", "row", "day", "amount", "currency", "counterparty"),
    *("field", "before", "after"),
)


def index_csv(accounts: Iterable[AccountRows], path_of: Callable[[NamedFile], str]) -> Iterator[bytes]:
    """Yield the index of a pack: a line for each row.

    Args:
        accounts: the accounts with their rows.
        path_of: returns where a file is in the pack.
    """
    lines = (_index_line(one.account, row, path_of) for one in accounts for row in one.rows)
    return _csv(_INDEX, lines)


def missing_csv(accounts: Iterable[AccountRows]) -> Iterator[bytes]:
    """Yield the rows that lack a receipt, or have one that was not fetched: by member, then by day."""
    found = [
        (one.account, row) for one in accounts for row in one.rows if receipt_state(row) in {"missing", "not fetched"}
    ]
    found.sort(key=lambda pair: (pair[1].row.member, pair[1].row.day, pair[1].row.id))
    lines = (
        (_text(row.row.member), receipt_state(row), *_shown(row.row), _text(account.name), _text(row.row.id))
        for account, row in found
    )
    return _csv(_MISSING, lines)


def later_csv(changes: Iterable[LateChange], accounts: Iterable[Account]) -> Iterator[bytes]:
    """Yield what changed after a close: a line for each field, or one for a row that came or went."""
    names = {account.id: account.name for account in accounts}
    return _csv(_LATER, (line for one in changes for line in _later_lines(one, names.get(one.account, one.account))))


def receipt_state(row: MonthRow) -> str:
    """Return how it stands with a row's receipts: ``missing``, ``not fetched``, ``enclosed``, or empty."""
    if row.waiting:
        return "not fetched"
    return "missing" if row.lacks_receipt else "enclosed" if row.files else ""


def _index_line(account: Account, found: MonthRow, path_of: Callable[[NamedFile], str]) -> tuple[str, ...]:
    return (
        *(_text(found.row.id), _text(account.name), *_shown(found.row), _text(found.row.member)),
        receipt_state(found),
        " ".join(path_of(one) for one in found.files),
        " ".join(one.file.sha256 for one in found.files),
        " ".join(map(str, found.batches)),
    )


def _shown(row: Transaction) -> tuple[str, ...]:
    amount = decimal_text(row.amount.cents, ".")
    return f"{row.day}", amount, row.amount.currency, _text(row.party), _text(row.purpose)


def _later_lines(one: LateChange, account: str) -> Iterator[tuple[str, ...]]:
    about = (
        *(one.month, f"{one.edition}", one.kind, _text(account), _text(one.id), f"{one.day}"),
        *(decimal_text(one.cents, "."), one.currency, _text(one.counterparty)),
    )
    if not one.differences:
        yield (*about, "", "", "")
    for found in one.differences:
        yield (*about, found.name, _text(found.was), _text(found.now))


def _text(text: str) -> str:
    """Return a text of the bank as a cell: on one line, and not a formula."""
    return _guarded(clean(text))


def _csv(headings: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> Iterator[bytes]:
    buffer = StringIO(newline="")
    writer = csv.writer(buffer)
    buffer.write(_BOM)
    for line in (headings, *lines):
        writer.writerow(line)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
