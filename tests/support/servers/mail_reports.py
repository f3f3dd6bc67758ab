"""Reports of an invented company's weekly runs."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters.mail import Attachment, Report
from primanota.core.errors import InvalidApiKey, ServiceUnavailable
from primanota.core.model import Account, Money, Transaction
from primanota.core.notice import Notice
from primanota.core.reasons import Reason
from primanota.core.results import KINDS, AccountExport, Batch, Delivery, Difference, Finding, Findings, Span

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


def exported(account: Account = MAIN, *destinations: str, **fields: Any) -> AccountExport:  # noqa: ANN401 - the fields of Batch
    """Return the result of exporting an account into one file, of one row by default."""
    facts = {"number": 17, "rows": 1, "sum_in": 1, "sum_out": 0, "opening": None, "closing": None, "proven": None}
    batch = Batch(
        **(facts | fields),
        state="delivered",
        made=MADE,
        profile="lexware",
        origin="lexware",
        digest="",
        account=account.id,
        selection="",
        name=NAME,
        sha256="",
        size=0,
        rows_sha256="",
        deliveries=tuple(map(Delivery, destinations)),
    )
    return AccountExport(account=account, span=Span(batch.opening, batch.closing, batch.proven), batches=(batch,))


_BALANCES = {"opening": 299_257_98, "closing": 296_721_32}
_SUMS = {"rows": 25, "sum_in": 2_643_40, "sum_out": -5_180_06}
FILE = exported(MAIN, str(Path("/exports") / NAME), **_BALANCES, **_SUMS, proven=True)
BROKEN_FILE = exported(MAIN, str(Path("/exports") / NAME), **_BALANCES, **_SUMS, proven=False)
QUIET = AccountExport(account=SAVINGS, span=Span(21_634_96, 21_634_96, proven=True))
COUNTED = exported(OTHER, "/exports/other.csv", number=18, rows=2, sum_in=0, sum_out=-9_99)


def finding(kind: str, number: int = 1, **fields: Any) -> Finding:  # noqa: ANN401 - the fields of the struct
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
    return Finding(account=MAIN, transaction=row, kind=kind, reason=Reason("pending"), **fields)


_CHANGES = [Difference("Betrag", "-42,00", "-43,00"), Difference("Verwendungszweck", "alt", f"von {IBAN}")]


def found(findings: Iterable[Finding]) -> Findings:
    """Return findings as a run reports them: counted, by kind and day."""
    ordered = sorted(findings, key=lambda one: (KINDS.index(one.kind), one.day))
    return Findings(dict(Counter(one.kind for one in ordered)), tuple(ordered))


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
    exports=(FILE, COUNTED, QUIET),
    attachments=(Attachment(name=NAME, content=CONTENT, link="s3://acme/in/17.csv"),),
    findings=found(FINDINGS),
    notes=(Notice.of("members_unreadable"),),
)
EMPTY = msgspec.structs.replace(DONE, exports=(QUIET,), attachments=(), findings=Findings(), notes=())
BROKEN = msgspec.structs.replace(DONE, exports=(BROKEN_FILE,), findings=Findings())
REFUSED = msgspec.structs.replace(
    EMPTY,
    organisation="acme-corp-1234",
    exports=(),
    failure=InvalidApiKey("The bank refuses the key of acme-corp-1234.", "Run “primanota login” again."),
)
LOST = msgspec.structs.replace(
    REFUSED, failure=ServiceUnavailable("The bank did not answer in time.", "Try again later.")
)
WEEKS = {"done": DONE, "empty": EMPTY, "broken": BROKEN, "refused": REFUSED, "lost": LOST}


def changed(report: Report, **fields: Any) -> Report:  # noqa: ANN401 - the fields of the struct
    """Return a report with some fields changed."""
    return msgspec.structs.replace(report, **fields)
