"""Reports of an invented company's weekly runs."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters.mail import Attachment, Report
from primanota.app.review import Difference, Finding
from primanota.core.errors import InvalidApiKey, ServiceUnavailable
from primanota.core.model import Account, Money, Transaction
from primanota.export.exported import Exported

BERLIN = ZoneInfo("Europe/Berlin")
MADE = datetime(2026, 11, 2, 6, 30, 5, tzinfo=BERLIN)
ID = "<2026-11-02.acme@primanota.invalid>"
SENDER, PEOPLE = "Primanota <books@example.com>", ["office@example.com", "Zoë <zoe@example.com>"]
IBAN = "DE89370400440532013000"
MAIN = Account(id="a-1", name="Hauptkonto", iban=IBAN)
SAVINGS = Account(id="a-2", name="Steuerrücklage", iban="FR1420041010050500013M02606")
OTHER = Account(id="a-3", name="Sparkonto Nordlicht Bank", iban="GB29NWBK60161331926819", external=True)
NAME = "lexware_hauptkonto-3000_2026-10-26_2026-11-01.csv"
CONTENT = "Datum;Betrag;Verwendungszweck\r\n26.10.2026;-42,00;Süßwaren\r\n".encode("cp1252")

FILE = Exported(
    account=MAIN,
    path=Path("/exports") / NAME,
    opening=299_257_98,
    closing=296_721_32,
    proven=True,
    rows=25,
    sum_in=2_643_40,
    sum_out=-5_180_06,
    batch=17,
)
QUIET = Exported(account=SAVINGS, opening=21_634_96, closing=21_634_96, proven=True)
COUNTED = Exported(account=OTHER, rows=2, sum_in=0, sum_out=-9_99, batch=18, path=Path("/exports/other.csv"))


def finding(kind: str, number: int = 1, **fields: Any) -> Finding:  # noqa: ANN401 - the struct's own fields
    """Return a finding of a kind."""
    row = Transaction(
        id=f"t-{number}",
        number="",
        account_id=MAIN.id,
        status=kind,
        operation="card",
        amount=Money(-17_506 - number),
        booked=None,
        emitted=datetime(2026, 10, 1 + number % 30, 9, tzinfo=BERLIN),
        updated=MADE,
        counterparty="Bäckerei <Süßmund> & Co.",
        counterparty_account=IBAN,
        reference=f"Konto {IBAN}",
        purpose="Kd-Nr. 12 345",
        details="",
        note="",
        member="Zoë Łukasik",
        original=None,
        balance=None,
    )
    return Finding(account=MAIN, transaction=row, kind=kind, why=kind, **fields)


_CHANGES = [Difference("Betrag", "-42,00", "-43,00"), Difference("Verwendungszweck", "alt", f"von {IBAN}")]
FINDINGS = (
    finding("pending"),
    finding("declined", 2),
    finding("changed", 3, batch=16, profile="lexware", changes=_CHANGES),
    *(finding("receipt", number) for number in range(23)),
    finding("vat", 5),
)
DONE = Report(
    organisation="Café Schön & Söhne GmbH",
    language="de",
    tool="Lexware Office",
    period="last-week",
    first=date(2026, 10, 26),
    last=date(2026, 11, 1),
    made=MADE,
    zone=BERLIN,
    files=(FILE, COUNTED, QUIET),
    attachments=(Attachment(name=NAME, content=CONTENT, link="s3://acme/in/17.csv"),),
    findings=FINDINGS,
    notes=("The bank does not let this key read members.",),
)
EMPTY = msgspec.structs.replace(DONE, files=(QUIET,), attachments=(), findings=(), notes=())
BROKEN = msgspec.structs.replace(DONE, files=(msgspec.structs.replace(FILE, proven=False),), findings=())
REFUSED = msgspec.structs.replace(
    EMPTY,
    organisation="acme-corp-1234",
    files=(),
    failure=InvalidApiKey("The bank refuses the key of acme-corp-1234.", "Run “primanota login” again."),
)
LOST = msgspec.structs.replace(
    REFUSED, failure=ServiceUnavailable("The bank did not answer in time.", "Try again later.")
)
WEEKS = {"done": DONE, "empty": EMPTY, "broken": BROKEN, "refused": REFUSED, "lost": LOST}


def changed(report: Report, **fields: Any) -> Report:  # noqa: ANN401 - the struct's own fields
    """Return a report with some fields changed."""
    return msgspec.structs.replace(report, **fields)
