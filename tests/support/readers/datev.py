"""Readers of DATEV's EXTF: a ledger library that refuses ambiguous entries, and a plain CSV reader."""

from pathlib import Path

from mloda.community.feature_groups.experimental.german_ledger.datev import read_batch
from pyarrow import csv

from tests.support.readers import ReaderTotals

_TEXTS = ("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "Belegdatum", "Belegfeld 1")


def german_ledger(path: Path) -> ReaderTotals:
    """Read what mloda-community-german-ledger books on “Konto”; entries of one “Belegfeld 1” are one row."""
    _, legs = read_batch(str(path))
    own = [place for place, leg in enumerate(legs["Leg"]) if leg == "K"]
    cents = sum(int(legs["Betrag"][place] * 100) for place in own)
    return ReaderTotals(len({legs["Belegfeld 1"][place] for place in own}), cents)


def german_ledger_sums(path: Path) -> dict[str, int]:
    """Return what it books on each account, in cents: debit is positive."""
    _, legs = read_batch(str(path))
    sums: dict[str, int] = {}
    for account, amount in zip(legs["Konto"], legs["Betrag"], strict=True):
        sums[account] = sums.get(account, 0) + int(amount * 100)
    return sums


def arrow(path: Path) -> ReaderTotals:
    """Return the rows that Apache Arrow's CSV reader finds below the header, by the names of the columns."""
    found = movements(path)
    return ReaderTotals(len(found), sum(cents for _, cents in found))


def links(path: Path) -> list[str]:
    """Return the links to documents (field 20, “Beleglink”) that Apache Arrow finds, without empty ones."""
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(skip_rows=1, encoding="cp1252"),
        parse_options=csv.ParseOptions(delimiter=";"),
        convert_options=csv.ConvertOptions(include_columns=["Beleglink"], column_types={"Beleglink": "string"}),
    )
    return [link for link in table["Beleglink"].to_pylist() if link]


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents of each row, as Apache Arrow reads its entries; the year is that of the header."""
    table = csv.read_csv(
        path,
        read_options=csv.ReadOptions(skip_rows=1, encoding="cp1252"),
        parse_options=csv.ParseOptions(delimiter=";"),
        convert_options=csv.ConvertOptions(column_types=dict.fromkeys(_TEXTS, "string")),
    )
    year = path.read_bytes().split(b";", 15)[14][:4].decode()
    found: dict[str, tuple[str, int]] = {}
    for amount, side, day, document in zip(*(table[name].to_pylist() for name in _TEXTS), strict=True):
        _, before = found.get(document, ("", 0))
        cents = int(amount.replace(",", "")) * (1 if side == "S" else -1)
        found[document] = f"{year}-{day[2:]}-{day[:2]}", before + cents
    return list(found.values())
