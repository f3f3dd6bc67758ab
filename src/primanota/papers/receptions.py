"""Write the log of receptions as CSV, one row for each reading and account, in the form of a pack's tables. Pure."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from io import StringIO
from typing import Final

from primanota.book.receptions import ReceivedRows, Reception
from primanota.core.period import moment
from primanota.core.redaction import redacted
from primanota.core.text import clean
from primanota.formats.formula_guard import guarding

HEADINGS: Final = (
    *("reading", "command", "program", "began", "began_utc", "ended_utc", "result", "account", "iban"),
    *("read_from_utc", "read_to_utc", "new", "changed", "gone", "other_records"),
    *("proof", "proven_until_utc", "reasons", "first_record", "last_record", "hash_afterwards"),
)
_BEGINNING = "beginning"
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
    local = f"{moment(one.started).astimezone(zone):%Y-%m-%d %H:%M:%S}"
    reading = (one.number, one.command, one.program, local, _utc(one.started), _utc(one.ended))
    for found in one.accounts or (_NOTHING,):
        name, iban = accounts.get(found.account, (found.account, ""))
        begin = _BEGINNING if found.is_begin_known and found.begin is None else _utc(found.begin)
        counts = (found.new, found.changed, found.absent, found.others)
        records = (found.first or "", found.last or "", one.head)
        period = (begin, _utc(found.end))
        yield (
            *reading,
            one.outcome or "not ended",
            _harmless(clean(name)),
            iban,
            *period,
            *counts,
            *_proof(found),
            *records,
        )


def _proof(found: ReceivedRows) -> tuple[str, str, str]:
    """Return the state of the proof, until when it reaches, and why not further."""
    if not found.proof:
        return "", "", ""
    reasons = _harmless(clean(redacted("; ".join(found.proof.reasons))))
    return found.proof.state, _utc(found.proof.until), reasons


def _utc(value: int | None) -> str:
    return f"{moment(value):%Y-%m-%dT%H:%M:%SZ}" if value is not None else ""


def _written(rows: Iterable[Iterable[object]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
