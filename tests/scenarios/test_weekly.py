"""Scheduled weekly runs: every row is delivered once, and every result and failure is reported by mail."""

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from primanota.adapters import mail
from primanota.app.exporting import export
from primanota.app.exporting.batches import undo
from primanota.app.running.run_report import RunReport
from primanota.book import Batches, Letters
from primanota.core.errors import ConfigurationError, DeliveryFailed, InvalidApiKey, ServiceUnavailable
from primanota.export import delivery
from tests.support.books import weekly_world as firms
from tests.support.books.book_world import journal_of
from tests.support.books.weekly_world import PEOPLE, Firm, attached, body
from tests.support.servers import s3_server

cloud = s3_server.cloud
firm = firms.firm


def test_a_week_arrives(firm: Firm) -> None:
    """The rows of a week are in the bucket, and in one mail to all recipients that states their number."""
    firm.simulator.bank.arrive(3)  # one of them is still pending
    report = firm.week("2026-01-05")
    assert (report.failure, report.unsent) == (None, [])
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())
    assert len(firm.truth) == 2
    (mail,) = firm.mails
    assert set(firm.office.mails[0].rcpt_tos) == set(PEOPLE)
    assert "2" in mail["Subject"]


def test_an_empty_week_is_reported(firm: Firm) -> None:
    """A week without transactions sends a mail without a file, and writes nothing to the bucket's folder of files."""
    assert firm.week("2026-01-05").failure is None
    (mail,) = firm.mails
    assert not attached(mail)
    assert not [key for key in firm.cloud.keys() if key.startswith("files/")]  # noqa: SIM118 - no dictionary


def test_a_doubled_run_does_nothing_twice(firm: Firm) -> None:
    """A second run with the same run key writes no file and no mail, also if rows have arrived meanwhile."""
    firm.simulator.bank.arrive(2)
    firm.week("2026-01-05")
    firm.simulator.bank.arrive(1)
    assert firm.week("2026-01-05").repeated
    assert (len(firm.mails), len(firm.uploaded_rows)) == (1, 1)


def test_a_failed_run_and_its_later_success_are_reported_once_each(firm: Firm) -> None:
    """A run that fails twice in the same way sends one mail about it, and another one when it succeeds."""
    firm.simulator.bank.arrive(2)
    firm.line.cut = True
    assert isinstance(firm.week("2026-01-05").failure, ServiceUnavailable)
    assert isinstance(firm.week("2026-01-05").failure, ServiceUnavailable)
    firm.line.cut = False
    assert firm.week("2026-01-05").failure is None
    assert [bool(attached(mail)) for mail in firm.mails] == [False, True]
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_revoked_key_is_reported(firm: Firm) -> None:
    """If the bank refuses the key, the mail names the bank and does not contain the key."""
    firm.line.revoked = True
    assert isinstance(firm.week("2026-01-05").failure, InvalidApiKey)
    (mail,) = firm.mails
    assert "Qonto" in body(mail)
    assert firm.simulator.secret not in mail.as_string()


def test_a_bucket_that_fails_is_tried_again_without_the_mail(firm: Firm) -> None:
    """A file that could not be uploaded is uploaded by the next run, and is not mailed a second time."""
    firm.simulator.bank.arrive(2)
    firm.cloud.fault = s3_server.every(s3_server.refusing("403 Forbidden", "AccessDenied"), within="/files/")
    assert isinstance(firm.week("2026-01-05").failure, DeliveryFailed)
    assert firm.uploaded_rows == []
    firm.cloud.fault = None
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_mail_that_fails_is_sent_by_the_next_run(firm: Firm) -> None:
    """A refused mail waits in the outbox, and the next run sends it before its own mail, with its own file."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here")
    assert len(firm.week("2026-01-05").unsent) == 1
    firm.office.refused = {}
    firm.clock.advance(days=7)
    firm.simulator.bank.arrive(1)
    firm.week("2026-01-12")
    assert [len(attached(mail)) for mail in firm.mails] == [1, 2]
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_mail_that_fails_is_sent_by_another_try_at_once(firm: Firm) -> None:
    """A mail that the server refused is sent by a repeated run one minute later, which does nothing else."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here")
    firm.week("2026-01-05")
    firm.office.refused = {}
    firm.clock.advance(minutes=1)
    report = firm.week("2026-01-05")
    assert (report.repeated, report.unsent) == (True, [])
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_the_mail_of_a_second_try_covers_the_whole_run(firm: Firm) -> None:
    """If the first try mailed a file but could not upload it, the mail of the second try counts its rows."""
    firm.simulator.bank.arrive(2)
    firm.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/files/")
    assert isinstance(firm.week("2026-01-05").failure, DeliveryFailed)
    firm.cloud.fault = None
    assert firm.week("2026-01-05").failure is None
    assert [("1 Umsatz importieren" in mail_["Subject"], len(attached(mail_))) for mail_ in firm.mails] == [
        (False, 1),
        (True, 0),
    ]


def test_an_undone_batch_is_not_sent(firm: Firm) -> None:
    """The mail of an undone batch is never sent; the next run delivers its rows."""
    firm.simulator.bank.arrive(2)
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here")
    firm.week("2026-01-05")
    with firm.book() as book:
        undo(book, 1)
    firm.office.refused = {}
    firm.clock.advance(days=7)
    firm.week("2026-01-12")
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())
    assert len(firm.mails) == 1


def test_without_a_book_there_is_a_mail(firm: Firm) -> None:
    """If the book cannot be downloaded, a mail is sent."""
    firm.cloud.fault = s3_server.refusing("403 Forbidden", "AccessDenied")
    assert firm.week("2026-01-05").failure
    assert len(firm.mails) == 1


def test_recipients_without_a_mail_server_are_refused_first(firm: Firm) -> None:
    """A run with mail recipients but without a mail server is refused before the first request to the bank."""
    del firm.variables["PRIMANOTA_MAIL_SERVER"]
    with pytest.raises(ConfigurationError, match="No sender and mail server are configured"):
        firm.week("2026-01-05")
    assert list(firm.simulator.requests) == []


@pytest.mark.parametrize("run_keys", [("2026-01-05", "2026-01-05"), ("2026-01-05", "by hand")])
def test_two_at_once(firm: Firm, run_keys: tuple[str, str]) -> None:
    """Two machines that run on one book at the same time deliver each row once, with one run key or with two."""
    firm.simulator.bank.arrive(6)
    start, reports = Barrier(2), list[RunReport]()

    def work(run_key: str) -> None:
        start.wait()
        reports.append(firm.week(run_key))

    machines = [Thread(target=work, args=(run_key,)) for run_key in run_keys]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert [one.failure for one in reports] == [None, None]
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())
    assert len(firm.mails) == len(set(run_keys))


def test_a_book_that_changes_while_a_mail_is_sent(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book that changes after a mail was sent and before this is recorded does not cause a second mail."""
    firm.simulator.bank.arrive(2)
    send = mail.send

    def send_and_be_overtaken(*words: Any) -> None:  # noqa: ANN401 - the signature of mail.send
        send(*words)
        with firm.book() as book, book.run("somebody else"):
            pass

    monkeypatch.setattr(mail, "send", send_and_be_overtaken)
    report = firm.week("2026-01-05")
    assert (report.failure, report.unsent, len(firm.mails)) == (None, [], 1)
    with firm.book() as book:
        assert [letter.state for letter in Letters(book).all()] == ["sent"]
        assert all(one.delivered for batch in Batches(book).all() for one in batch.remote_deliveries)


def test_while_one_sends_another_does_not(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that starts while another one sends a mail finds the mail claimed, and does not send it."""
    firm.simulator.bank.arrive(2)
    send, others = mail.send, list[RunReport]()

    def send_slowly(*words: Any) -> None:  # noqa: ANN401 - the signature of mail.send
        if not others:
            others.append(firm.week("2026-01-05"))
        send(*words)

    monkeypatch.setattr(mail, "send", send_slowly)
    assert firm.week("2026-01-05").unsent == []
    assert [other.repeated for other in others] == [True]
    assert len(firm.mails) == 1


def test_a_mail_whose_sender_died_is_sent_later(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail of a run that died while sending is not sent while its claim is valid, and is sent after that."""
    firm.simulator.bank.arrive(2)
    with monkeypatch.context() as patch:
        patch.setattr(mail, "send", firms.die)
        with pytest.raises(SystemExit):
            firm.week("2026-01-05")
    firm.clock.advance(minutes=5)
    assert firm.week("2026-01-05").repeated
    assert firm.mails == []
    firm.clock.advance(minutes=15)
    assert firm.week("2026-01-05").repeated
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_run_that_died_before_its_mail_is_finished(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that dies after its batches were recorded is finished by the next try, whose mail contains the files."""
    firm.simulator.bank.arrive(2)
    firms.run_that_dies_before_its_mail(firm, monkeypatch, "2026-01-05")
    assert firm.week("2026-01-05").failure is None
    assert sorted(firm.uploaded_rows) == sorted(firm.mailed_rows) == sorted(firm.truth.items())
    (mail_,) = firm.mails
    assert "1 Umsatz" in mail_["Subject"]


def test_a_file_of_a_dead_run_is_sent_to_the_present_recipients(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose run died before its mail is sent by the next run, to the recipients configured by then."""
    firm.simulator.bank.arrive(2)
    firms.run_that_dies_before_its_mail(firm, monkeypatch, "2026-01-05")
    firm.variables["PRIMANOTA_TO"] = "mailto:new@example.com"
    firm.week("2026-01-12")
    assert firm.office.mails[0].rcpt_tos == ["new@example.com"]
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())
    with firm.book() as book:
        assert all(one.delivered for batch in Batches(book).all() for one in batch.remote_deliveries)


def test_a_changed_mail_is_found(firm: Firm) -> None:
    """Verifying the book finds a changed mail, as it finds the changed file of a batch."""
    firm.week("2026-01-05")
    with firm.book() as book:
        assert journal_of(book).verify() == ""
        book._connection.execute("DROP TRIGGER file_is_never_changed")
        book._connection.execute("UPDATE file SET content = x'00'")
        assert "the letter of 2026-01-05 06:00 UTC was changed" in journal_of(book).verify()


def test_a_run_that_was_overtaken_leaves_nothing_half_written(
    firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that starts again because its book changed removes its staged files; the final files remain."""
    firm.variables["PRIMANOTA_TO"] = str(tmp_path / "out")
    firm.simulator.bank.arrive(2)
    deliver, others = delivery.deliver, list[RunReport]()

    def be_overtaken(*words: Any) -> None:  # noqa: ANN401 - the signature of deliver
        if not others:
            others.append(RunReport())
            others.append(firm.week("by hand"))
        deliver(*words)

    monkeypatch.setattr(export, "deliver", be_overtaken)
    assert firm.week("2026-01-05").failure is None
    (file,) = (tmp_path / "out").iterdir()
    assert sorted(firms.rows_of(file.read_bytes())) == sorted(firm.truth.items())
