"""Readers of beancount files: beancount itself, and its parser alone."""

from collections.abc import Iterable
from pathlib import Path

from beancount.core.data import Balance, Directive, Transaction
from beancount.loader import load_file
from beancount.parser.parser import parse_file

from tests.support.readers import ReaderTotals


def loaded(path: Path) -> list[Directive]:
    """Return the directives of a file without errors: parsed, booked, every balance checked."""
    entries, errors, _ = load_file(str(path))
    assert not errors, errors
    return list(entries)


def loader(path: Path) -> ReaderTotals:
    """Read a file as ``bean-check`` does."""
    return _seen(loaded(path))


def parser(path: Path) -> ReaderTotals:
    """Read a file with beancount's parser, without checking balances: three times as fast."""
    entries, errors, _ = parse_file(str(path))
    assert not errors, errors
    return _seen(sorted(entries, key=lambda entry: entry.date))


def _seen(entries: Iterable[Directive]) -> ReaderTotals:
    found = list(entries)
    balances = [entry for entry in found if isinstance(entry, Balance)]
    bank = balances[0].account
    moved = [
        posting.units.number
        for entry in found
        if isinstance(entry, Transaction) and "id" in entry.meta
        for posting in entry.postings
        if posting.account == bank and posting.units is not None
    ]
    ends = [_cents(balance.amount.number) for balance in (balances[0], balances[-1])]
    return ReaderTotals(len(moved), sum(map(_cents, moved)), *ends)


def _cents(amount: object) -> int:
    return int(str(amount).replace(".", ""))
