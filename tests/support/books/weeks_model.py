"""A model of an accounting tool and of the person who imports its files: which rows left, and which are to come."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from primanota import profiles
from primanota.book import Batches, Book
from primanota.core.model import Money
from primanota.core.posting_rules import Chart, Rule
from primanota.core.selection import Changed, New, Selection
from primanota.core.text import clean
from primanota.profiles import Profile

_ZONE = ZoneInfo("Europe/Berlin")
# It has no column for notes, so that an edited note is not a change.
CELLS = profiles.parse(
    "cells",
    """
    title = "A tool that looks for no duplicates"
    format = "csv"
    source = "invented"
    [options]
    columns = [["id", "{id}"], ["day", "{booked:%Y-%m-%d}"], ["amount", "{amount}"], ["text", "{reference}"]]
    """,
    "cells",
)
# Its files are statements: a file has the balances at both ends, and only rows without another one between them.
STATEMENTS = profiles.parse(
    "statements",
    """
    title = "A tool that reads statements"
    format = "mt940"
    source = "invented"
    """,
    "statements",
)


# Its files are journal entries: they show also the postings that rules make of a row.
ENTRIES = profiles.parse("entries", profiles.load("datev").text, "entries")
CHART = Chart(bank="1800", clearing="1590", consultant=29098, client=55003, chart="04")
# The rules of the company, of which one set is in force: by category and by label, with a tax key for each VAT rate.
_TAXES = {"19": "9", "7": "8"}
RULES = (
    (Rule(category="travel", account="6650", tax=_TAXES), Rule(label="Fixkosten*", account="6815", tax=_TAXES)),
    (Rule(category="travel", account="6660", tax=_TAXES),),
)


class Row(NamedTuple):
    """A completed row at the bank: account, day, amount, balance after it, cells of a file, what rules look at."""

    account: str
    day: date
    cents: int
    balance: int | None
    shown: tuple[str, ...]
    note: str
    category: str
    labels: frozenset[str]
    vat: tuple[tuple[str, int], ...]


class ExportedBatch(NamedTuple):
    """A batch in the model: its account, its rows, the turn in which it was exported, and the rules in force then."""

    account: str
    rows: dict[str, Row]
    turn: int
    rules: int


class ToolModel:
    """What one tool must have been given, after any sequence of exports, undos and redos.

    Args:
        profile: the tool.
        accounts: the ids of the accounts that it can have.
        start: the first day of new rows.
    """

    def __init__(self, profile: Profile, accounts: Iterable[str], start: date) -> None:
        self.profile = profile
        self.accounts = list(accounts)
        self.start = start
        self.batches: dict[int, ExportedBatch] = {}
        self.undone: set[int] = set()
        self.accepted: dict[str, tuple[int, Row | None]] = {}

    @property
    def active(self) -> list[int]:
        """The numbers of the batches that count, in their order."""
        return sorted(self.batches.keys() - self.undone)

    @property
    def standing(self) -> set[str]:
        """The ids of all rows in batches that count."""
        return {key for number in self.active for key in self.batches[number].rows}

    def redoable(self) -> list[int]:
        """Return the undone batches whose rows were not exported again."""
        return [number for number in sorted(self.undone) if not self.batches[number].rows.keys() & self.standing]

    def wanted(self, selection: Selection, known: Mapping[str, Row]) -> dict[str, Row]:
        """Return the rows that an export of a selection must have."""
        match selection:
            case New(since=since):
                keys = {key for key, row in known.items() if row.day >= since} - self.standing
            case Changed():
                keys = self.changed(known) & known.keys()
            case period:
                keys = {key for key, row in known.items() if period.first <= row.day <= period.last}
        return {key: known[key] for key in keys if self.takes(known[key])}

    def takes(self, row: Row) -> bool:
        """Return whether the tool can have a row: one of its accounts, and not one of 0.00 if it refuses these."""
        return row.account in self.accounts and (row.cents != 0 or self.profile.rules.zero == "keep")

    def changed(self, known: Mapping[str, Row]) -> set[str]:
        """Return the rows that the tool has, and that it would be told otherwise now, by the rules of then."""
        return {key for key in self.standing if self._has_changed(key, known.get(key))}

    def _has_changed(self, key: str, present: Row | None) -> bool:
        """Compare a row with what the user saw last: in its newest active batch, or when accepting it."""
        batches = [batch for number in self.active if key in (batch := self.batches[number]).rows]
        newest = max(batches, key=lambda batch: batch.turn)
        accepted_in, accepted = self.accepted.get(key, (0, None))
        last = accepted if accepted_in > newest.turn else newest.rows[key]
        return self._view(last, newest.rules) != self._view(present, newest.rules)

    def _view(self, row: Row | None, rules: int) -> tuple[str, ...] | None:
        """Return what the tool's file shows of a row under some rules; None for a row that is not completed."""
        if row is None or self.profile != ENTRIES:
            return row and row.shown
        matches = {"6650": row.category == "travel", "6815": any(one.startswith("Fixkosten") for one in row.labels)}
        if rules:
            matches = {"6660": row.category == "travel"}
        account = next((account for account, match in matches.items() if match), CHART.clearing)
        taxes = {} if account == CHART.clearing else _TAXES
        return (*row.shown, row.note, account, *(f"{taxes.get(rate, '')} {cents}" for rate, cents in row.vat))

    def accept(self, key: str, known: Mapping[str, Row], turn: int) -> None:
        """Accept a row as it is now."""
        self.accepted[key] = (turn, known.get(key))

    def add_batches(self, book: Book, wanted: Mapping[str, Row], turn: int, rules: int) -> None:
        """Add the batches that are new in the book; they must have exactly the wanted rows."""
        found = Batches(book)
        fresh = [one for one in found.all() if one.profile == self.profile.name and one.number not in self.batches]
        for batch in fresh:
            rows = {row.id: wanted[row.id] for row in found.rows(batch.number)}
            self.batches[batch.number] = ExportedBatch(batch.account, rows, turn, rules)
        exported = Counter(key for batch in fresh for key in self.batches[batch.number].rows)
        assert exported == Counter(wanted.keys())

    def imported(self) -> Counter[str]:
        """Return how often each row must have been in a file."""
        return Counter(key for batch in self.batches.values() for key in batch.rows)


def row_at_bank(row: dict[str, Any], labels: Mapping[str, str]) -> Row:
    """Return a completed row of the bank's JSON; ``labels`` are the names of labels by their ids."""
    day = datetime.fromisoformat(row["settled_at"]).astimezone(_ZONE).date()
    cents = row["amount_cents"] * (1 if row["side"] == "credit" else -1)
    return Row(
        account=row["bank_account_id"],
        day=day,
        cents=cents,
        balance=row["settled_balance_cents"],
        shown=(f"{day}", f"{Money(cents)}".split()[0], _said(row["reference"])),
        note=clean(row["note"] or ""),
        category=(row.get("cashflow_category") or {}).get("name") or row["category"] or "",
        labels=frozenset(labels[key] for key in row["label_ids"]),
        vat=_vat(row, cents),
    )


def _said(reference: str | None) -> str:
    """Return a reference; “NOTPROVIDED” is what banks write where there is nothing."""
    text = clean(reference or "")
    return "" if text == "NOTPROVIDED" else text


def _vat(row: dict[str, Any], cents: int) -> tuple[tuple[str, int], ...]:
    """Return the signed parts of an amount by their VAT rates; the whole amount under one rate, or under none."""
    parts: Counter[str] = Counter()
    for item in (row.get("vat_details") or {}).get("items") or []:
        gross = item["amount_cents"] + item["amount_excluding_vat_cents"]
        parts[f"{float(item['rate']):g}"] += gross if cents > 0 else -gross
    if parts and sum(parts.values()) == cents:
        return tuple(parts.items())
    known = row["vat_rate"] is not None and row["vat_amount_cents"] is not None and row["vat_rate"] >= 0
    return ((f"{row['vat_rate']:g}" if known else "", cents),)


def rows_of_cells(files: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Return the rows of CSV files by id, as the tool reads them; a file must not have an id twice."""
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            _, *rows = csv.reader(lines)
        assert len({row[0] for row in rows}) == len(rows)
        found |= {row[0]: tuple(row[1:]) for row in rows}
    return found


def rows_of_entries(file: Path) -> set[str]:
    """Return the ids of the rows of a file of entries, written without hyphens; a row may have several lines."""
    return {f"{UUID(key)}" for key in re.findall('"([0-9a-f]{32})"', file.read_text("cp1252"))}


class ReadStatement(NamedTuple):
    """A statement as a program reads it from MT940: reference, number, balances in cents, and ids of its rows."""

    reference: str
    number: int
    opening: int
    closing: int
    rows: list[str]


def read_statement(file: Path, known: Iterable[str]) -> ReadStatement:
    """Read an MT940 file; rows by the ids of which it has the end."""
    ends = {key.replace("-", "")[-16:]: key for key in known}
    text = file.read_text("ascii")
    (reference,), (number,) = (
        re.findall("^:20:(.*)", text, re.MULTILINE),
        re.findall("^:28C:(\\d+)", text, re.MULTILINE),
    )
    opening, closing = (
        _cents(mark, digits) for mark, digits in re.findall("^:6[02]F:([CD])\\d{6}EUR([\\d,]+)", text, re.MULTILINE)
    )
    return ReadStatement(
        reference,
        int(number),
        opening,
        closing,
        [ends[key] for key in re.findall("^:61:.*//(.*)", text, re.MULTILINE)],
    )


def check_stretch(found: ReadStatement, known: Mapping[str, Row]) -> None:
    """Check that a statement leads from balance to balance, row by row, as the bank states them now."""
    balance = found.opening
    for key in found.rows:
        balance += known[key].cents
        assert balance == known[key].balance
    assert balance == found.closing


def check_numbers(found: Iterable[tuple[str, int, str]]) -> None:
    """Check that the numbers of each account's statements go on by one, and that each statement has its own.

    Args:
        found: account, number and reference of the statements in the order in which they were written.
    """
    for _, group in groupby(sorted(found, key=lambda one: one[0]), key=lambda one: one[0]):
        statements = [(number, reference) for _, number, reference in group]
        distinct = list(dict.fromkeys(statements))
        assert [number for number, _ in distinct] == list(range(1, len(distinct) + 1))
        assert len({reference for _, reference in distinct}) == len(distinct)


def _cents(mark: str, digits: str) -> int:
    whole, _, part = digits.partition(",")
    return int(f"{whole}{part:0<2}") * (-1 if mark == "D" else 1)
