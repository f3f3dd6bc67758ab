"""Write the log of receptions as CSV, one row for each reading and account, in the form of a pack's tables. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from io import StringIO
from typing import Final

from primanota.book.receptions import ReceivedRows, Reception
from primanota.core.period import moment
from primanota.formats.formula_guard import guarding

HEADINGS: Final = (
    *("reading", "command", "program", "began", "began_utc", "ended_utc", "result", "account", "iban"),
    *("new", "changed", "gone", "other_records", "first_record", "last_record", "hash_afterwards"),
)
_NOTHING = ReceivedRows("", 0, 0, 0, 0, 0, 0)
_harmless = guarding("'")


def reception_lines(
    found: Iterable[Reception], accounts: dict[str, tuple[str, str]], zone: tzinfo
) -> Iterator[bytes]:
    """Yield the file in pieces: the headings, then a reading with all its accounts at a time.

    Args:
        found: the readings.
        accounts: name and IBAN of each account, by its id.
        zone: the time zone of ``began``.
    """
    yield "\ufeff".encode() + _written([HEADINGS])
    for one in found:
        yield _written(_rows(one, accounts, zone))


def _rows(one: Reception, accounts: Mapping[str, tuple[str, str]], zone: tzinfo) -> Iterator[tuple[object, ...]]:
    began = moment(one.started)
    ended = f"{moment(one.ended):%Y-%m-%dT%H:%M:%SZ}" if one.ended is not None else ""
    local, utc = f"{began.astimezone(zone):%Y-%m-%d %H:%M:%S}", f"{began:%Y-%m-%dT%H:%M:%SZ}"
    result = one.outcome or "not ended"
    for stored in one.accounts or (_NOTHING,):
        name, iban = accounts.get(stored.account, (stored.account, ""))
        counts = (stored.new, stored.changed, stored.absent, stored.others, stored.first or "", stored.last or "")
        yield (
            one.number,
            one.command,
            one.program,
            local,
            utc,
            ended,
            result,
            _harmless(name),
            iban,
            *counts,
            one.head,
        )


def _written(rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
