"""Weeks in which something changes while they run: settings, the book, the bank's mind."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import httpx2
import pytest

from primanota import aws_lambda
from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.app import run
from primanota.app.batches import undo
from primanota.app.run_report import RunReport
from primanota.app.run_request import RunRequest
from primanota.app.workspace import Workspace
from primanota.banks.base import AccountStatus
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Book
from primanota.core import period
from primanota.core.errors import BookUnusable, DeliveryFailed, InvalidApiKey, InvalidConfiguration
from primanota.core.period import microseconds, parse_day
from tests.support import s3_server
from tests.support import weekly_world as firms
from tests.support.weekly_world import PEOPLE, Firm, body

cloud = s3_server.cloud
firm = firms.firm


def _closed_for_files(environ: s3_server.Environ, start: s3_server.Start, behind: s3_server.Application) -> Any:  # noqa: ANN401
    """A bucket that takes no files."""
    if environ["REQUEST_METHOD"] == "PUT" and "/files/" in environ["PATH_INFO"]:
        return s3_server.refuse(start, "503 Slow Down", "SlowDown")
    return behind(environ, start)


def _here(firm: Firm, tmp_path: Path) -> None:
    """Let the book lie on this machine, and the files be for people alone."""
    firm.variables["PRIMANOTA_BOOK"] = str(tmp_path / "here.book")
    firm.variables["PRIMANOTA_TO"] = f"mailto:{','.join(PEOPLE)}"


def _once(patch: pytest.MonkeyPatch, meanwhile: Callable[[], object], *, before: bool) -> None:
    """Let something happen while the first mail is sent: before the server has it, or after."""
    send, left = mail.send, [meanwhile]

    def and_meanwhile(*words: Any) -> None:  # noqa: ANN401 - whatever it takes
        if before and left:
            left.pop()()
        send(*words)
        if left:
            left.pop()()

    patch.setattr(mail, "send", and_meanwhile)


def test_a_refused_mail_gives_way_to_those_of_now(firm: Firm) -> None:
    """A mail that was refused for an address that is taken out of the settings waits no more; its file goes on."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = {PEOPLE[1]: "550 no such user"}
    assert firm.week("2026-01-05").unsent
    firm.variables["PRIMANOTA_TO"] = f"mailto:{PEOPLE[0]}"
    firm.clock.advance(days=7)
    assert firm.week("2026-01-12").unsent == []
    assert sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_another_failure_is_told_too(firm: Firm) -> None:
    """Where the first try of a run could not reach the bank, and the second is refused, both are told."""
    firm.line.cut = True
    firm.week("2026-01-05")
    firm.line.cut, firm.line.revoked = False, True
    assert isinstance(firm.week("2026-01-05").failure, InvalidApiKey)
    first, second = firm.mails
    assert first["Message-ID"] != second["Message-ID"]
    assert "The key was revoked" in body(second)


def test_files_of_a_second_failed_try_are_mailed(firm: Firm) -> None:
    """A try that fails in another way than the one before writes a mail, and its files go with it."""
    firm.simulator.bank.arrive(2)
    firm.line.cut = True
    firm.week("2026-01-05")
    firm.line.cut, firm.cloud.fault = False, _closed_for_files
    assert isinstance(firm.week("2026-01-05").failure, DeliveryFailed)
    assert sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_undone_while_its_mail_is_refused(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch that somebody undoes while its mail is just being refused is not sent by a later run."""
    _here(firm, tmp_path)
    firm.simulator.bank.arrive(2)

    def undo_and_refuse() -> None:
        with firm.book() as book:
            undo(book, 1)
        raise DeliveryFailed("later")

    _once(monkeypatch, undo_and_refuse, before=True)
    firm.week("2026-01-05")
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_undone_and_run_again(firm: Firm) -> None:
    """A run whose mail was withdrawn with its batch is no run that had its mail: again, it does its work."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here")
    firm.week("2026-01-05")
    with firm.book() as book:
        undo(book, 1)
    firm.office.refused = {}
    assert not firm.week("2026-01-05").repeated
    assert sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_who_writes_longer_than_we_wait(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process that holds the book while a mail is taken makes nobody send it twice: it is waited for."""
    _here(firm, tmp_path)
    firm.simulator.bank.arrive(2)

    def impatient(session: Workspace, path: Path, upload: Callable[..., object] | None = None) -> Book:
        return Book(path, lambda: microseconds(session.clock()), upload=upload, wait_seconds=0.1)

    def hold() -> None:
        other = sqlite3.connect(tmp_path / "here.book", isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
        Timer(0.3, other.close).start()  # what it began is given up with it

    monkeypatch.setattr(Workspace, "_opened", impatient)
    _once(monkeypatch, hold, before=False)
    assert firm.week("2026-01-05").failure is None
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_another_company_gets_nothing_of_this_book(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the bank speaks of another company than the book, its people are told, and sent no file of the book."""
    firm.simulator.bank.arrive(2)
    with monkeypatch.context() as patch:
        patch.setattr(run, "upload_pending", _die)
        with pytest.raises(SystemExit):
            firm.week("2026-01-05")
    answer = firm.line.handle_request
    monkeypatch.setattr(firm.line, "handle_request", lambda request: _of_another_company(answer(request)))
    firm.variables["PRIMANOTA_TO"] = "mailto:somebody@else.example"
    assert isinstance(firm.week("2026-01-12").failure, BookUnusable)
    assert [one.rcpt_tos for one in firm.office.mails] == [["somebody@else.example"]]
    assert firm.in_the_mails == []


def _die(*_: object) -> None:
    raise SystemExit


def _of_another_company(answer: httpx2.Response) -> httpx2.Response:
    answer.read()
    said = json.loads(answer.content)
    if "organization" not in said:
        return answer
    said["organization"] |= {"id": "00000000-0000-4000-8000-000000000000", "name": "Else AG", "legal_name": "Else AG"}
    return httpx2.Response(200, json=said)


def test_a_period_tried_again_is_one_batch(firm: Firm) -> None:
    """A run of a period that could not bring its file away, tried again, brings that file, and makes no other one."""
    firm.clock.advance(hours=-3)
    firm.simulator.bank.arrive(2)
    firm.clock.advance(hours=3)
    january = period.between(parse_day("2026-01-01"), parse_day("2026-01-31"))

    def work() -> RunReport:
        workspace = firm.workspace()
        request = RunRequest(firm.tool, lambda _: january, workspace.destinations(), "2026-01-05")
        return run.execute_run(workspace, request)

    firm.cloud.fault = _closed_for_files
    assert isinstance(work().failure, DeliveryFailed)
    firm.cloud.fault = None
    assert work().failure is None
    assert sorted(firm.in_the_bucket) == sorted(firm.in_the_mails) == sorted(firm.truth.items())


def test_a_bucket_gets_its_file_whatever_else_fails(firm: Firm) -> None:
    """What a bucket lacks is brought by the next run, even if that one cannot do its own work."""
    firm.simulator.bank.arrive(2)
    firm.cloud.fault = _closed_for_files
    firm.week("2026-01-05")
    firm.cloud.fault, firm.line.revoked = None, True
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert firm.in_the_bucket == firm.in_the_mails
    assert len(firm.in_the_bucket) == 1


def test_a_sender_with_an_umlaut_in_its_domain(firm: Firm) -> None:
    """A domain of all letters is written as the mail's rules want it, in the mail's own name too."""
    firm.variables["PRIMANOTA_MAIL_FROM"] = "Büro <buero@müller.example>"
    firm.week("2026-01-05")
    assert firm.mails[0]["Message-ID"].endswith("@xn--mller-kva.example>")


def test_what_the_bank_contradicts_is_not_called_proven(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``allow_unproven``, a file of an account whose balance the rows do not make is not called complete."""
    firm.simulator.bank.arrive(2)
    account_status = QontoBank.account_status

    def other(bank: QontoBank, key: str) -> AccountStatus:
        balance, counts = account_status(bank, key)
        return AccountStatus((balance or 0) + 100, counts)

    monkeypatch.setattr(QontoBank, "account_status", other)
    told = firm.week("2026-01-05", allow_unproven=True)
    assert told.failure is None
    assert False in {one.proven for one in told.exports}
    assert "nachweislich vollständig" not in firm.mails[0]["Subject"]


def test_nobody_is_warned_of_a_moment(firm: Firm) -> None:
    """A clock that goes on while the bank is read is no reason to say that something is not in the files."""
    firm.simulator.bank.arrive(2)

    def ticking() -> Any:  # noqa: ANN401 - a moment
        firm.clock.advance(seconds=0.01)
        return firm.clock()

    session = Workspace(settings=config.load(firm.variables), clock=ticking, transport=firm.line)
    request = RunRequest(firm.tool, lambda _: firms.NEW, session.destinations(), "2026-01-05")
    told = run.execute_run(session, request)
    assert told.failure is None
    assert not [note for note in told.notes if "settled later" in note]


def test_one_run_has_one_name(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without a run key that begins again, since somebody changed the book, writes one mail."""
    firm.simulator.bank.arrive(2)

    def overtake() -> None:
        with firm.book() as book, book.run("somebody else"):
            pass
        firm.clock.advance(seconds=3)

    _once(monkeypatch, overtake, before=False)
    firm.week("")
    assert len(firm.mails) == 1


def test_a_time_zone_that_does_not_exist_is_refused_first(firm: Firm) -> None:
    """What a mail needs to say when it was written is looked at before anything is done."""
    firm.variables["PRIMANOTA_TIMEZONE"] = "Europe/Nowhere"
    with pytest.raises(InvalidConfiguration, match="Europe/Nowhere"):
        firm.week("2026-01-05")
    assert list(firm.simulator.requests) == []


def test_the_function_fails_while_nobody_knows_of_its_mail(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try that finds the mail claimed by one that died, or is slow, does not succeed: Lambda comes again."""
    firm.simulator.bank.arrive(2)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", _die)
        with pytest.raises(SystemExit):
            firm.week("2026-01-05")
    firm.clock.advance(minutes=1)
    told = firm.week("2026-01-05")
    request = RunRequest(firm.tool, lambda _: firms.NEW, firm.workspace().destinations(), "2026-01-05")
    with pytest.raises(aws_lambda.Failed, match="Mails that could not be sent: 1"):
        aws_lambda._raise_if_needed(told, request)


def test_every_secret_that_a_run_knows_is_kept_out(firm: Firm) -> None:
    """Key, password and token are all among what no mail may show."""
    words = {"STAGING_TOKEN": "tok-123456", "MAIL_PASSWORD": "pass-123456", "MAIL_USER": "u"}
    firm.variables |= {f"PRIMANOTA_{name}": said for name, said in words.items()}
    known = {secret.reveal() for secret in firm.workspace().secrets}
    assert known == {"tok-123456", "pass-123456", firm.simulator.secret}
