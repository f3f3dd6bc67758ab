"""Weekly runs during which something changes: the settings, the book, or the bank's answers."""

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

import httpx2
import pytest

from primanota import aws_lambda
from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.app import workspace
from primanota.app.exporting.batches import undo
from primanota.app.running import run
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.workspace import Workspace
from primanota.banks.base import AccountStatus
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Book
from primanota.core import period
from primanota.core.errors import BookUnusable, DeliveryFailed, InvalidApiKey, InvalidConfiguration
from primanota.core.period import parse_day
from tests.support.books import weekly_world as firms
from tests.support.books.weekly_world import PEOPLE, Firm, body
from tests.support.servers import s3_server

cloud = s3_server.cloud
firm = firms.firm


def _book_on_this_machine(firm: Firm, tmp_path: Path) -> None:
    """Keep the book on this machine, and deliver the files by mail only."""
    firm.variables["PRIMANOTA_BOOK"] = str(tmp_path / "here.book")
    firm.variables["PRIMANOTA_TO"] = f"mailto:{','.join(PEOPLE)}"


def _once(patch: pytest.MonkeyPatch, meanwhile: Callable[[], object], *, before: bool) -> None:
    """Call a function while the first mail is sent: before the server receives the mail, or after."""
    send, pending = mail.send, [meanwhile]

    def and_meanwhile(*words: Any) -> None:  # noqa: ANN401 - the signature of mail.send
        if before and pending:
            pending.pop()()
        send(*words)
        if pending:
            pending.pop()()

    patch.setattr(mail, "send", and_meanwhile)


def test_a_refused_mail_is_withdrawn_with_its_address(firm: Firm) -> None:
    """A refused mail is withdrawn when its address is removed from the settings; its file goes to the rest."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = {PEOPLE[1]: "550 no such user"}
    assert firm.week("2026-01-05").unsent
    firm.variables["PRIMANOTA_TO"] = f"mailto:{PEOPLE[0]}"
    firm.clock.advance(days=7)
    assert firm.week("2026-01-12").unsent == []
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_second_failure_of_another_kind_is_reported(firm: Firm) -> None:
    """If the bank is unreachable in the first try and refuses the key in the second, both are mailed."""
    firm.line.cut = True
    firm.week("2026-01-05")
    firm.line.cut, firm.line.revoked = False, True
    assert isinstance(firm.week("2026-01-05").failure, InvalidApiKey)
    first, second = firm.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "The key was revoked" in body(second)


def test_files_of_a_second_failed_try_are_mailed(firm: Firm) -> None:
    """A try that fails in another way than the try before sends a mail, with the files that it exported."""
    firm.simulator.bank.arrive(2)
    firm.line.cut = True
    firm.week("2026-01-05")
    firm.line.cut = False
    firm.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/files/")
    assert isinstance(firm.week("2026-01-05").failure, DeliveryFailed)
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_undone_while_its_mail_is_refused(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that is undone while its mail is refused is not sent by a later run."""
    _book_on_this_machine(firm, tmp_path)
    firm.simulator.bank.arrive(2)

    def undo_and_refuse() -> None:
        with firm.book() as book:
            undo(book, 1)
        raise DeliveryFailed("later")

    _once(monkeypatch, undo_and_refuse, before=True)
    firm.week("2026-01-05")
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_undone_and_run_again(firm: Firm) -> None:
    """A run whose mail was withdrawn with its undone batch works again when its run key is repeated."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here")
    firm.week("2026-01-05")
    with firm.book() as book:
        undo(book, 1)
    firm.office.refused = {}
    assert not firm.week("2026-01-05").repeated
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_locked_book_is_waited_for(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run waits for another process that locks the book while a mail is sent, and the mail is not sent twice."""
    _book_on_this_machine(firm, tmp_path)
    firm.simulator.bank.arrive(2)

    def hold() -> None:
        other = sqlite3.connect(tmp_path / "here.book", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        Timer(0.3, other.close).start()  # closing rolls the transaction back

    monkeypatch.setattr(workspace, "Book", partial(Book, wait_seconds=0.1))
    _once(monkeypatch, hold, before=False)
    assert firm.week("2026-01-05").failure is None
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_another_company_gets_no_file_of_this_book(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the bank answers for a company other than the book's, the recipients get a mail without a file."""
    firm.simulator.bank.arrive(2)
    firms.run_that_dies_before_its_mail(firm, monkeypatch, "2026-01-05")
    answer = firm.line.handle_request
    monkeypatch.setattr(firm.line, "handle_request", lambda request: _of_another_company(answer(request)))
    firm.variables["PRIMANOTA_TO"] = "mailto:somebody@else.example"
    assert isinstance(firm.week("2026-01-12").failure, BookUnusable)
    assert [one.rcpt_tos for one in firm.office.mails] == [["somebody@else.example"]]
    assert firm.mailed_rows == []


def _of_another_company(answer: httpx2.Response) -> httpx2.Response:
    answer.read()
    document = json.loads(answer.content)
    if "organization" not in document:
        return answer
    document["organization"] |= {
        "id": "00000000-0000-4000-8000-000000000000",
        "name": "Else AG",
        "legal_name": "Else AG",
    }
    return httpx2.Response(200, json=document)


def test_a_period_tried_again_is_one_batch(firm: Firm) -> None:
    """A run of a period that could not upload its file uploads it when repeated, and does not export another one."""
    firm.clock.advance(hours=-3)
    firm.simulator.bank.arrive(2)
    firm.clock.advance(hours=3)
    january = period.between(parse_day("2026-01-01"), parse_day("2026-01-31"))

    def work() -> RunReport:
        workspace = firm.workspace()
        request = RunRequest(firm.tool, lambda _: january, workspace.destinations(), "2026-01-05")
        return run.execute_run(workspace, request)

    firm.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/files/")
    assert isinstance(work().failure, DeliveryFailed)
    firm.cloud.fault = None
    assert work().failure is None
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_missing_file_is_uploaded_by_a_failing_run(firm: Firm) -> None:
    """A file missing in the bucket is uploaded by the next run, also if the bank refuses that run's key."""
    firm.simulator.bank.arrive(2)
    firm.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/files/")
    firm.week("2026-01-05")
    firm.cloud.fault, firm.line.revoked = None, True
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert firm.uploaded_rows == firm.mailed_rows
    assert len(firm.uploaded_rows) == 1


def test_a_sender_with_an_umlaut_in_its_domain(firm: Firm) -> None:
    """A sender's domain with an umlaut is written in its ASCII form (IDNA) in the Message-ID."""
    firm.variables["PRIMANOTA_MAIL_FROM"] = "Büro <buero@müller.example>"
    firm.week("2026-01-05")
    assert firm.mails[0]["Message-ID"].endswith("@xn--mller-kva.example>")


def test_a_contradicted_balance_is_not_called_proven(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``allow_unproven``, the file of an account whose balance contradicts its rows is not called complete."""
    firm.simulator.bank.arrive(2)
    account_status = QontoBank.account_status

    def other(bank: QontoBank, key: str) -> AccountStatus:
        balance, counts, _ = account_status(bank, key)
        return AccountStatus((balance or 0) + 100, counts)

    monkeypatch.setattr(QontoBank, "account_status", other)
    report = firm.week("2026-01-05", allow_unproven=True)
    assert report.failure is None
    assert False in {one.proven for one in report.exports}
    assert "Vor dem Import prüfen: " in firm.mails[0]["Subject"]
    assert "Vollständigkeit nachgewiesen" not in firm.mails[0]["Subject"]


def test_time_that_passes_during_a_sync_causes_no_note(firm: Firm) -> None:
    """Time that passes while the bank is read does not cause a note about rows that settled later."""
    firm.simulator.bank.arrive(2)

    def ticking() -> Any:  # noqa: ANN401 - the clock's type
        firm.clock.advance(seconds=0.01)
        return firm.clock()

    session = Workspace(settings=config.load(firm.variables), clock=ticking, transport=firm.line)
    request = RunRequest(firm.tool, lambda _: firms.NEW, session.destinations(), "2026-01-05")
    report = run.execute_run(session, request)
    assert report.failure is None
    assert not [note for note in report.notes if note.name == "read_earlier"]


def test_a_restarted_run_without_a_run_key_sends_one_mail(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without a run key that starts again because the book changed sends one mail."""
    firm.simulator.bank.arrive(2)

    def overtake() -> None:
        with firm.book() as book, book.run("somebody else"):
            pass
        firm.clock.advance(seconds=3)

    _once(monkeypatch, overtake, before=False)
    firm.week("")
    assert len(firm.mails) == 1


def test_a_time_zone_that_does_not_exist_is_refused_first(firm: Firm) -> None:
    """An unknown time zone, which the mail needs, is refused before the first request to the bank."""
    firm.variables["PRIMANOTA_TIMEZONE"] = "Europe/Nowhere"
    with pytest.raises(InvalidConfiguration, match="Europe/Nowhere"):
        firm.week("2026-01-05")
    assert list(firm.simulator.requests) == []


def test_the_function_fails_while_its_mail_is_claimed(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that finds the mail claimed by another one fails the function, so that Lambda tries again."""
    firm.simulator.bank.arrive(2)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", firms.die)
        with pytest.raises(SystemExit):
            firm.week("2026-01-05")
    firm.clock.advance(minutes=1)
    report = firm.week("2026-01-05")
    request = RunRequest(firm.tool, lambda _: firms.NEW, firm.workspace().destinations(), "2026-01-05")
    with pytest.raises(aws_lambda.Failed, match="Mails that could not be sent: 1"):
        aws_lambda._raise_if_needed(report, request)


def test_every_secret_of_a_run_is_known(firm: Firm) -> None:
    """API key, staging token and mail password are all among the secrets that are removed from mails."""
    words = {"STAGING_TOKEN": "tok-123456", "MAIL_PASSWORD": "pass-123456", "MAIL_USER": "u"}
    firm.variables |= {f"PRIMANOTA_{name}": value for name, value in words.items()}
    known = {secret.reveal() for secret in firm.workspace().secrets}
    assert known == {"tok-123456", "pass-123456", firm.simulator.secret}
