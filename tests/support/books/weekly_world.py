"""A company with a weekly run: a simulated bank, a bucket, a mail server, a clock; and their faults."""

import asyncio
import csv
import email.policy
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiosmtpd.smtp import SMTP

from primanota import profiles
from primanota.adapters.settings import config
from primanota.app.running import run
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.period import parse_day
from primanota.core.selection import New
from primanota.simulator import Simulator
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.support.servers.s3_server import BUCKET, Cloud
from tests.support.servers.smtp_server import MailHandler, listening

PEOPLE = ("ada@example.com", "zoe@example.com")
SENDER = "books@example.com"
NEW = New(parse_day("2026-01-01"))
_TOOL = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Who", "{counterparty}"]]
"""


class Line(httpx2.BaseTransport):
    """The connection to the bank, which can be cut, and over which the key can be refused."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        self.cut = False
        self.revoked = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Pass a request on, or fail it."""
        if self.cut:
            raise httpx2.ConnectError("no route to the bank")
        if self.revoked:
            return httpx2.Response(401, json={"errors": [{"code": "unauthorized", "detail": "Unauthorized"}]})
        return self._inner.handle_request(request)


class Firm:
    """A company with a scheduled weekly run.

    Args:
        simulator: its bank.
        clock: its clock.
        cloud: the S3 host of its book and files.
        office: the handler of its mail server.
        port: the port of its mail server.
        home: a folder for settings.
    """

    def __init__(
        self, simulator: Simulator, clock: Clock, cloud: Cloud, office: MailHandler, port: int, home: Path
    ) -> None:
        self.simulator = simulator
        self.clock = clock
        self.cloud = cloud
        self.office = office
        self.line = Line(simulator.transport())
        tool = home / "tool.toml"
        tool.write_text(_TOOL, encoding="utf-8")
        self.tool = profiles.load(str(tool))
        self.variables = {
            "PRIMANOTA_HOME": str(home),
            "PRIMANOTA_LOGIN": simulator.login,
            "PRIMANOTA_SECRET_KEY": simulator.secret,
            "PRIMANOTA_API_URL": LOOPBACK,
            "PRIMANOTA_BOOK": f"s3://{BUCKET}/books/firm.book",
            "PRIMANOTA_TO": f"s3://{BUCKET}/files/,mailto:{','.join(PEOPLE)}",
            "PRIMANOTA_MAIL_FROM": SENDER,
            "PRIMANOTA_MAIL_SERVER": f"127.0.0.1:{port}",
        }

    def workspace(self) -> Workspace:
        """Return a new workspace, without any state of an earlier run."""
        return Workspace(settings=config.load(self.variables), clock=self.clock, transport=self.line)

    def week(self, run_key: str, since: str = "2026-01-01", **more: Any) -> RunReport:  # noqa: ANN401 - the fields of RunRequest
        """Execute the run of a week."""
        workspace = self.workspace()
        new = New(parse_day(since))
        request = RunRequest(self.tool, lambda _: new, workspace.destinations(), run_key, **more)
        return run.execute_run(workspace, request)

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Open the book in the bucket."""
        with self.workspace().book() as book:
            yield book

    @property
    def mails(self) -> list[EmailMessage]:
        """Return the mails that the server accepted, in order."""
        return [read(one.content) for one in self.office.mails]

    @property
    def truth(self) -> dict[str, int]:
        """Return the signed cents of every completed row, by transaction."""
        return {
            row["id"]: row["amount_cents"] if row["side"] == "credit" else -row["amount_cents"]
            for account in self.simulator.bank.account_ids()
            for row in self.simulator.bank.truth(account)
            if row["status"] == "completed"
        }

    @property
    def uploaded_rows(self) -> list[tuple[str, int]]:
        """Return the transaction and the cents of every row of every file in the bucket."""
        files = [key for key in self.cloud.keys() if key.startswith("files/")]  # noqa: SIM118 - no dictionary
        return [row for key in files for row in rows_of(self.cloud.content(key))]

    @property
    def mailed_rows(self) -> list[tuple[str, int]]:
        """Return the transaction and the cents of every row of every attached file."""
        return [row for mail in self.mails for row in attached(mail)]


def die(*_: object) -> None:
    """End the process of a run, as a kill does."""
    raise SystemExit


def run_that_dies_before_its_mail(firm: Firm, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """Start a run that dies after its batches were recorded, before an upload or a mail."""
    with monkeypatch.context() as patch:
        patch.setattr(run, "upload_pending", die)
        with pytest.raises(SystemExit):
            firm.week(day)


def attached(mail: EmailMessage) -> list[tuple[str, int]]:
    """Return the transaction and the cents of every row of the files attached to a mail."""
    return [row for part in mail.iter_attachments() for row in rows_of(part.get_payload(decode=True))]


def rows_of(content: Any) -> list[tuple[str, int]]:  # noqa: ANN401 - bytes; email has no type for it
    """Return the transaction and the cents of every row of a file."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))
    return [(row["Id"], int(row["Amount"].replace(".", ""))) for row in rows]


def body(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part
    return str(part.get_content())


def read(content: Any) -> EmailMessage:  # noqa: ANN401 - aiosmtpd has no type for it
    """Return a received mail, parsed."""
    return email.message_from_bytes(content, policy=email.policy.default)


@contextmanager
def opened(cloud: Cloud, home: Path, now: datetime, **simulator: Any) -> Iterator[Firm]:  # noqa: ANN401
    """Yield a company with a mail server and a simulated bank."""
    clock, office = Clock(now), MailHandler()
    factory = partial(_smtp, office)
    home.mkdir(parents=True, exist_ok=True)
    with listening(factory) as port, Simulator(clock=clock, **simulator) as bank:
        yield Firm(bank, clock, cloud, office, port, home)


def _smtp(office: MailHandler) -> SMTP:
    return SMTP(office, hostname="post", loop=asyncio.get_running_loop())


@pytest.fixture
def firm(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    """Return a company without past transactions, on a Monday in January."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    with opened(cloud, tmp_path / "firm", datetime.fromisoformat("2026-01-05T06:00:00+00:00"), size=0) as found:
        yield found
