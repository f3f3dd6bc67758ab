"""Every format under test: with options, the country of its account, and its ledger."""

from collections.abc import Iterator
from typing import Any

import msgspec

from primanota import formats
from primanota.core.model import Ledger, Statement
from primanota.formats.templates import Cell
from tests.support import datev_ledger, fec_ledger, ledger_statements

_COLUMNS = [
    *(("Day", "{booked:%Y-%m-%d}"), ("Amount", "{amount}"), ("Who", "{counterparty}"), ("What", "{purpose}")),
    *(("More", "{details}"), ("Original", "{original}"), ("Labels", "{label}"), ("By", "{member}")),
]
_GERMAN = {"encoding": "cp1252", "delimiter": ";", "quoting": "all", "empty": "_"}


class Offered(msgspec.Struct, frozen=True):
    """A format with options. ``country`` is that of the account, ``ledger`` that of the statement."""

    format: str
    options: dict[str, Any] = {}
    country: str = "DE"
    ledger: Ledger | None = None

    @property
    def module(self) -> formats.Format:
        """Return the format."""
        return formats.load(self.format)

    @property
    def chosen(self) -> object:
        """Return the options as the format reads them."""
        return msgspec.convert(self.options, self.module.options)

    def pieces(self, statement: Statement) -> Iterator[bytes]:
        """Return the statement, with the ledger, as a file in pieces."""
        return self.module.render(msgspec.structs.replace(statement, ledger=self.ledger), self.chosen)

    def rendered(self, statement: Statement) -> bytes:
        """Return the file in one piece."""
        return b"".join(self.pieces(statement))

    def shows(self) -> list[tuple[str, Cell]]:
        """Return what the file shows of a row."""
        return self.module.shows(self.chosen)


OFFERED = {
    "beancount": Offered("beancount", ledger=ledger_statements.LEDGER),
    "camt053": Offered("camt053"),
    "camt053 of 2009": Offered("camt053", {"version": "001.02"}),
    "cfonb120": Offered("cfonb120", country="FR"),
    "coda": Offered("coda", country="BE"),
    "csv": Offered("csv", {"columns": _COLUMNS}),
    "csv as Germans write it": Offered("csv", {"columns": _COLUMNS, **_GERMAN}),
    "datev": Offered("datev", ledger=datev_ledger.LEDGER),
    "datev in foreign money": Offered("datev", {"foreign": "booked"}, ledger=datev_ledger.LEDGER),
    "datev_ascii": Offered("datev_ascii"),
    "fec": Offered("fec", country="FR", ledger=fec_ledger.LEDGER),
    "fec with pipes": Offered("fec", {"delimiter": "|", "encoding": "utf-8"}, country="FR", ledger=fec_ledger.LEDGER),
    "hledger": Offered("hledger", ledger=ledger_statements.LEDGER),
    "jsonl": Offered("jsonl"),
    "ledger": Offered("ledger", ledger=ledger_statements.LEDGER),
    "mt940": Offered("mt940"),
    "mt940 in plain words": Offered("mt940", {"structured": False}),
    "norma43": Offered("norma43", country="ES"),
    "norma43 in ascii": Offered("norma43", {"encoding": "ascii", "foreign_amounts": False}, country="ES"),
    "ofx": Offered("ofx"),
    "qif": Offered("qif"),
    "xlsx": Offered("xlsx", {"columns": _COLUMNS}),
}
