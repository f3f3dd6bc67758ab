"""Every format under test: with options, the country of its account, and its ledger."""

from collections.abc import Iterator
from typing import Any

import msgspec

from primanota import formats
from primanota.core.model import Ledger, Statement, Transaction
from primanota.formats.statement_fields import shown_postings
from primanota.formats.templates import Cell
from tests.support.files import datev_ledger, fec_ledger, ledger_statements

_COLUMNS = [
    *(("Day", "{booked:%Y-%m-%d}"), ("Amount", "{amount}"), ("Who", "{counterparty}"), ("What", "{purpose}")),
    *(("More", "{details}"), ("Original", "{original}"), ("Labels", "{label}"), ("By", "{member}")),
]
_GERMAN = {"encoding": "cp1252", "delimiter": ";", "quoting": "all", "empty": "_"}


class FormatCase(msgspec.Struct, frozen=True):
    """A format with options. ``country`` is that of the account, ``ledger`` that of the statement."""

    format: str
    options: dict[str, Any] = {}
    country: str = "DE"
    ledger: Ledger | None = None

    @property
    def writer(self) -> formats.Format:
        """Return the format."""
        return formats.load(self.format)

    @property
    def parsed_options(self) -> object:
        """Return the options as the format reads them."""
        return msgspec.convert(self.options, self.writer.options)

    def pieces(self, statement: Statement) -> Iterator[bytes]:
        """Return the statement, with the ledger, as a file in pieces."""
        return self.writer.render(msgspec.structs.replace(statement, ledger=self.ledger), self.parsed_options)

    def rendered(self, statement: Statement) -> bytes:
        """Return the file in one piece."""
        return b"".join(self.pieces(statement))

    def shows(self) -> list[tuple[str, Cell]]:
        """Return what the file shows of a row."""
        return self.writer.shows(self.parsed_options)

    def shown(self, row: Transaction) -> list[tuple[str, str]]:
        """Return what the file shows of a row and of its postings."""
        postings = self.ledger.assign(row) if self.ledger else ()
        return [(name, cell(row)) for name, cell in self.shows()] + shown_postings(
            self.writer.shows_posting, postings
        )


FORMAT_CASES = {
    "beancount": FormatCase("beancount", ledger=ledger_statements.LEDGER),
    "camt053": FormatCase("camt053"),
    "camt053 of 2009": FormatCase("camt053", {"version": "001.02"}),
    "cfonb120": FormatCase("cfonb120", country="FR"),
    "coda": FormatCase("coda", country="BE"),
    "csv": FormatCase("csv", {"columns": _COLUMNS}),
    "csv as Germans write it": FormatCase("csv", {"columns": _COLUMNS, **_GERMAN}),
    "datev": FormatCase("datev", ledger=datev_ledger.LEDGER),
    "datev in foreign money": FormatCase("datev", {"foreign": "booked"}, ledger=datev_ledger.LEDGER),
    "datev_ascii": FormatCase("datev_ascii"),
    "fec": FormatCase("fec", country="FR", ledger=fec_ledger.LEDGER),
    "fec with pipes": FormatCase(
        "fec", {"delimiter": "|", "encoding": "utf-8"}, country="FR", ledger=fec_ledger.LEDGER
    ),
    "hledger": FormatCase("hledger", ledger=ledger_statements.LEDGER),
    "jsonl": FormatCase("jsonl"),
    "ledger": FormatCase("ledger", ledger=ledger_statements.LEDGER),
    "mt940": FormatCase("mt940"),
    "mt940 in plain words": FormatCase("mt940", {"structured": False}),
    "norma43": FormatCase("norma43", country="ES"),
    "norma43 in ascii": FormatCase("norma43", {"encoding": "ascii", "foreign_amounts": False}, country="ES"),
    "ofx": FormatCase("ofx"),
    "qif": FormatCase("qif"),
    "xlsx": FormatCase("xlsx", {"columns": _COLUMNS}),
}
