"""The CSV files that tools document, described a second time, independently of the profiles."""

import csv
import re
from datetime import date, datetime
from typing import NamedTuple


class Layout(NamedTuple):
    """A tool's CSV.

    ``head`` is the first line, letter for letter. ``days`` and ``amounts`` are columns; of two amounts the first is
    money in and the second money out, both positive. ``form`` is the form of days, ``mark`` the decimal mark,
    ``filled`` the other columns that must not be empty, ``shortest`` and ``longest`` the fewest and most characters
    of a text. ``headed``: the head is in the file. ``newline`` ends a line.
    """

    head: str
    days: tuple[str, ...]
    amounts: tuple[str, ...]
    form: str = "%Y-%m-%d"
    mark: str = "."
    delimiter: str = ","
    encoding: str = "utf-8"
    filled: tuple[str, ...] = ()
    longest: int = 0
    shortest: int = 0
    headed: bool = True
    newline: str = "\r\n"

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns."""
        return self.head.split(self.delimiter)

    def rows(self, content: bytes) -> list[dict[str, str]]:
        """Return the rows of a file; each must stand on its own line and have exactly the columns."""
        *lines, end = content.decode(self.encoding).split(self.newline)
        assert end == ""
        assert not self.headed or lines.pop(0) == self.head
        rows = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        assert len(rows) == len(lines)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    def day_and_cents(self, row: dict[str, str]) -> tuple[date, int]:
        """Return the day of a row, which must be the same in all columns of days, and its signed cents."""
        [text] = {row[column] for column in self.days}
        moment = datetime.strptime(text, self.form)  # noqa: DTZ007 - the file has local days
        assert text == f"{moment:{self.form}}"
        return moment.date(), self._signed(*(row[column] for column in self.amounts))

    def _signed(self, amount: str, went_out: str | None = None) -> int:
        if went_out is None:
            return self._cents(amount)
        assert bool(amount) != bool(went_out)
        assert not (amount + went_out).startswith("-")
        return self._cents(amount) if amount else -self._cents(went_out)

    def _cents(self, amount: str) -> int:
        assert re.fullmatch(rf"-?(0|[1-9][0-9]*)[{self.mark}][0-9]{{2}}", amount), amount
        return int(amount.replace(self.mark, ""))


LAYOUTS = {
    "buchhaltungsbutler": Layout(
        "Buchungsdatum;Empfänger/Zahlungspflichtiger;Betrag;Währung;Verwendungszweck",
        *(("Buchungsdatum",), ("Betrag",), "%d.%m.%Y", ",", ";"),
        filled=("Empfänger/Zahlungspflichtiger", "Währung", "Verwendungszweck"),
        longest=500,
        shortest=2,
    ),
    "erpnext": Layout(
        "Date,Deposit,Withdrawal,Description,Reference Number,Bank Account,Currency",
        *(("Date",), ("Deposit", "Withdrawal")),
        filled=("Bank Account", "Currency"),
    ),
    "firefly": Layout(
        "date_transaction,amount,currency-code,account-iban,opposing-name,opposing-iban,description,note,tags-comma,"
        "external-id",
        *(("date_transaction",), ("amount",)),
        filled=("currency-code", "external-id"),
    ),
    "freeagent": Layout(
        *("Date,Amount,Description", ("Date",), ("Amount",), "%d/%m/%Y"), filled=("Description",), headed=False
    ),
    "generic": Layout(
        "Date,Counterparty,Counterparty account,Purpose,Note,Member,Type,Labels,VAT rate,VAT,Original amount,Amount,"
        "Currency,Balance,Id",
        *(("Date",), ("Amount",)),
        filled=("Currency", "Id"),
    ),
    "italia": Layout(
        *("Data;Descrizione;Importo;Saldo", ("Data",), ("Importo",), "%d/%m/%Y", ",", ";", "utf-8-sig"),
        filled=("Descrizione",),
    ),
    "lexware": Layout(
        "Buchungsdatum,Auftraggeber/Empfänger,Verwendungszweck,Betrag,Zusatzinfo",
        *(("Buchungsdatum",), ("Betrag",), "%Y-%m-%d %H:%M:%S"),
        filled=("Auftraggeber/Empfänger", "Verwendungszweck", "Zusatzinfo"),
    ),
    "lexware-template": Layout(
        "Buchungstag;Valuta;Auftraggeber/Zahlungsempfänger;Empfänger/Zahlungspflichtiger;Vorgang/Verwendungszweck;"
        "Betrag;Zusatzinfo (optional)",
        *(("Buchungstag", "Valuta"), ("Betrag",), "%d.%m.%Y", ",", ";", "utf-8-sig"),
        filled=(
            *("Auftraggeber/Zahlungsempfänger", "Empfänger/Zahlungspflichtiger"),
            *("Vorgang/Verwendungszweck", "Zusatzinfo (optional)"),
        ),
    ),
    "portugal": Layout(
        "Data;Descrição;Débito;Crédito;Saldo",
        *(("Data",), ("Crédito", "Débito"), "%d-%m-%Y", ",", ";", "utf-8-sig"),
        longest=255,
    ),
    "quickbooks": Layout(*("Date,Description,Amount", ("Date",), ("Amount",), "%d/%m/%Y"), filled=("Description",)),
    "sevdesk": Layout(
        "Wertstellungsdatum;Buchungsdatum;Auftraggeber;Empfänger;Verwendungszweck;Umsatz",
        *(("Wertstellungsdatum", "Buchungsdatum"), ("Umsatz",), "%d.%m.%Y", ",", ";"),
    ),
    "wave": Layout("Date,Description,Amount", ("Date",), ("Amount",), filled=("Description",)),
    "wiso": Layout(
        "Buchungsdatum;Wertstellungsdatum;Name;Kontonummer;Bankleitzahl;Betrag;Verwendungszweck",
        *(("Buchungsdatum", "Wertstellungsdatum"), ("Betrag",), "%d.%m.%Y", ",", ";", "utf-8-sig"),
    ),
    "xero": Layout("*Date,*Amount,Payee,Description,Reference,Check Number", ("*Date",), ("*Amount",)),
    "ynab": Layout("Date,Payee,Category,Memo,Outflow,Inflow", ("Date",), ("Inflow", "Outflow"), "%d/%m/%Y"),
    "yuki": Layout(
        "IBAN;Valuta;Afschrift;Datum;Rentedatum;Tegenrekening;Naam tegenrekening;Omschrijving;Bedrag",
        *(("Datum", "Rentedatum"), ("Bedrag",), "%d-%m-%Y", ",", ";"),
        filled=("IBAN", "Valuta"),
    ),
    "zoho": Layout("Date,Amount,Payee,Description,Reference Number", ("Date",), ("Amount",)),
}
