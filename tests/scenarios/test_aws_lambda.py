"""Run the Lambda handler against servers on this machine (bank, S3, secret stores, SES), over HTTP."""

import json
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, NamedTuple

import boto3
import pytest

from primanota import aws_lambda
from primanota.app.running import run
from primanota.app.running.run import seconds_for_bank
from primanota.app.running.run_report import RunReport
from primanota.app.workspace import Workspace
from primanota.aws_lambda import Failed, handler
from primanota.core.errors import ConfigurationError, DestinationFull, InvalidInput, NotProven
from tests.support.servers import aws_account, s3_server
from tests.support.servers.aws_account import READER, SENDER, Account
from tests.support.servers.s3_server import BUCKET

cloud = s3_server.cloud
account = aws_account.account
_MONDAY = {"run_key": "2026-11-23T06:00:00Z"}


class Context(NamedTuple):
    """The Lambda context, reduced to what the handler reads; ``remaining`` is the function's time in milliseconds."""

    aws_request_id: str = "0b9f6c1e"
    remaining: int = 900_000

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still run."""
        return self.remaining


def _logged(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the only line of the log, decoded."""
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line))


def test_a_week(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run reads the bank, stores book and files in the bucket, and writes one mail and one line of log."""
    answer = account.invoke(_MONDAY, Context())
    assert answer["state"] == "done"
    assert answer["rows"] > 0
    assert answer == json.loads(json.dumps(answer)) == _logged(capsys)
    assert len(account.files()) == answer["files"] > 0
    assert f"books/{account.simulator.login}.book" in [*account.cloud.keys()]
    (letter,) = account.sent_mails()
    assert READER in str(letter["To"])


def test_nothing_twice(account: Account) -> None:
    """A second event with the same run key, which Lambda may send, changes no file and sends no second mail."""
    first = account.invoke(_MONDAY, Context())
    files = account.files()
    account.clock.advance(minutes=2)
    account.simulator.bank.arrive(3, account.simulator.bank.account_ids()[0])
    second = account.invoke(_MONDAY, Context("another"))
    assert (first["state"], second["state"]) == ("done", "repeated")
    assert account.files() == files
    assert len(account.sent_mails()) == 1


def test_two_functions_at_once(account: Account) -> None:
    """Two functions that run on one book at the same time upload each file once, and send one mail with each file."""
    start, answers = Barrier(2), list[object]()

    def invoke(request: str) -> None:
        start.wait()
        with suppress(Failed):  # one finds the other's claim and fails; Lambda retries
            answers.append(account.invoke(_MONDAY, Context(request)))

    functions = [Thread(target=invoke, args=(request,)) for request in ("one", "another")]
    for function in functions:
        function.start()
    for function in functions:
        function.join()
    assert account.invoke(_MONDAY, Context())["state"] == "repeated"
    files = account.files()
    (letter,) = account.sent_mails()
    attached: list[Any] = [part.get_payload(decode=True) for part in letter.iter_attachments()]
    assert sorted(attached) == sorted(files.values())
    assert answers


def test_an_event_without_a_run_key(account: Account) -> None:
    """An event without a run key uses its request ID: Lambda's retry is repeated work, a new request is a new run."""
    assert account.invoke({}, Context("one"))["state"] == "done"
    assert account.invoke({}, Context("one"))["state"] == "repeated"
    account.clock.advance(minutes=1)
    assert account.invoke({}, Context("two"))["state"] == "empty"
    assert len(account.sent_mails()) == 2


def test_a_secret_of_secrets_manager(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler reads credentials from Secrets Manager as it does from the parameter store."""
    monkeypatch.setenv("PRIMANOTA_SECRET", "secretsmanager:primanota/acme")
    assert account.invoke(_MONDAY, Context())["state"] == "done"
    assert len(account.sent_mails()) == 1


def test_a_missing_secret_is_reported_by_mail(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing secret is reported by mail and the function succeeds, because a retry by Lambda would not help."""
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/primanota/nobody")
    answer = account.invoke(_MONDAY, Context())
    assert (answer["state"], answer["failure"], answer["exit_code"]) == ("act", "ConfigurationError", 3)
    assert _logged(capsys) == answer
    assert "ssm:/primanota/nobody" in str(account.sent_mails()[0].get_body(("plain",)))


def test_an_unreachable_bank_is_retried(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreachable bank fails the function, so that Lambda retries; a retry that reaches the bank succeeds."""
    url = Workspace().config.api_url(account.simulator.login)
    monkeypatch.setenv("PRIMANOTA_API_URL", "http://127.0.0.1:1")
    with pytest.raises(Failed, match="ServiceUnavailable"):
        account.invoke(_MONDAY, Context())
    monkeypatch.setenv("PRIMANOTA_API_URL", url)
    assert account.invoke(_MONDAY, Context())["state"] == "done"


def test_what_may_pass_is_retried(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that changed while they were read fail the function, and are retried; a full disk needs a person first."""
    failures = [NotProven("Rows changed."), DestinationFull("It is full.")]
    monkeypatch.setattr(aws_lambda, "execute_run", lambda *_: RunReport(failure=failures.pop(0)))
    with pytest.raises(Failed, match="NotProven"):
        account.invoke(_MONDAY, Context())
    assert account.invoke(_MONDAY, Context())["state"] == "act"


def test_a_function_without_time_reports_it(account: Account) -> None:
    """A function whose time is over reads the bank no more, keeps its mail, and is tried again."""
    with pytest.raises(Failed, match="ServiceUnavailable"):
        account.invoke(_MONDAY, Context(remaining=0))
    assert len(account.sent_mails()) == 1
    assert account.invoke(_MONDAY, Context())["state"] == "done"


@pytest.mark.parametrize(("remaining", "seconds"), [(900, 660), (60, 40), (0, 0)])
def test_a_part_of_the_time_is_kept_for_the_mail(remaining: float, seconds: float) -> None:
    """Four minutes, or a third of a shorter time, are for the book, the files and the mail."""
    assert seconds_for_bank(remaining) == seconds


def test_a_refused_mail_fails_the_function(account: Account) -> None:
    """A mail that SES refuses fails the function, so that the failure is seen, and the next try sends the mail."""
    ses = boto3.client("sesv2")
    ses.delete_email_identity(EmailIdentity=SENDER)
    with pytest.raises(Failed, match="could not be sent"):
        account.invoke(_MONDAY, Context())
    ses.create_email_identity(EmailIdentity=SENDER)
    assert account.invoke(_MONDAY, Context())["state"] == "repeated"
    assert len(account.sent_mails()) == 1


def test_a_failure_without_a_mail_address(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed run without a mail address fails the function, so that an alarm reports it."""
    monkeypatch.setenv("PRIMANOTA_TO", f"s3://{BUCKET}/files/")
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/primanota/nobody")
    with pytest.raises(Failed, match="ConfigurationError, and there is no mail address"):
        account.invoke(_MONDAY, Context())
    assert not account.sent_mails()


@pytest.mark.parametrize("event", [None, [], "Monday", {"key1": "value1"}, {"run_key": 7}])
def test_an_unknown_event_is_refused(event: object) -> None:
    """An event that cannot be understood is refused with a sentence that shows a valid one."""
    with pytest.raises(InvalidInput, match=r"cannot be understood: .* Send \{\}, or"):
        handler(event, Context())


def test_variables_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function without its environment variables fails with the name of the first missing one."""
    monkeypatch.delenv("PRIMANOTA_LOGIN", raising=False)
    with pytest.raises(ConfigurationError, match="PRIMANOTA_LOGIN"):
        handler({}, Context())


def test_without_a_first_day(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a first day for new rows no file is written, and the answer asks a person to act."""
    monkeypatch.setenv("PRIMANOTA_SINCE", "")
    assert account.invoke(_MONDAY, Context())["failure"] == "InvalidInput"
    assert account.invoke({**_MONDAY, "since": "2026-10-01"}, Context())["state"] == "done"


def test_a_bug_is_logged_without_its_text(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug fails the function; log and error contain its type and place, but not its text (personal data)."""

    def broken(*_: object) -> None:
        raise KeyError("DE89370400440532013000")

    monkeypatch.setattr(run, "_sync_and_export", broken)
    with pytest.raises(Failed, match="KeyError") as caught:
        account.invoke(_MONDAY, Context())
    assert caught.value.__suppress_context__
    output = _logged(capsys)
    assert any(place.startswith("test_aws_lambda.py:") for place in output["at"])
    assert "DE89" not in f"{output}{caught.value}"


def test_no_secret_in_a_log(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Log, mail and answer do not contain the secret; log and answer contain no IBAN and no account name either."""
    answer = account.invoke(_MONDAY, Context())
    output = f"{answer}{capsys.readouterr()}"
    assert account.simulator.secret not in f"{output}{account.sent_mails()}"
    assert "DE" not in output
    assert "Hauptkonto" not in output


def test_the_handler_is_short() -> None:
    """The module of the Lambda handler stays below 150 lines."""
    assert Path(aws_lambda.__file__).read_text(encoding="utf-8").count("\n") < 150
