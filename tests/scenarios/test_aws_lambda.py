"""The door for Lambda, run for real: bank, S3, vaults and SES are servers on this machine, asked over HTTP."""

import json
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, NamedTuple

import boto3
import pytest

from primanota import aws_lambda
from primanota.app import run
from primanota.app.workspace import Workspace
from primanota.aws_lambda import Failed, handler
from primanota.core.errors import ConfigurationError, InvalidInput
from tests.support import aws_account, s3_server
from tests.support.aws_account import READER, SENDER, Account
from tests.support.s3_server import BUCKET

cloud = s3_server.cloud
account = aws_account.account
_MONDAY = {"run_key": "2026-11-23T06:00:00Z"}


class Context(NamedTuple):
    """What Lambda hands over beside an event, as far as we look."""

    aws_request_id: str = "0b9f6c1e"


def _said(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one line of the log."""
    (line,) = capsys.readouterr().out.splitlines()
    return dict(json.loads(line))


def test_a_week(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """The first run reads the bank, lays book and files into the bucket, and writes one mail and one line of log."""
    answer = account.invoke(_MONDAY, Context())
    assert answer["state"] == "done"
    assert answer["rows"] > 0
    assert answer == json.loads(json.dumps(answer)) == _said(capsys)
    assert len(account.files()) == answer["files"] > 0
    assert f"books/{account.simulator.login}.book" in [*account.cloud.keys()]
    (letter,) = account.letters()
    assert READER in str(letter["To"])


def test_nothing_twice(account: Account) -> None:
    """The same run key a second time, as Lambda may have it: the same files, no second mail."""
    first = account.invoke(_MONDAY, Context())
    files = account.files()
    account.clock.advance(minutes=2)
    account.simulator.bank.arrive(3, account.simulator.bank.account_ids()[0])
    second = account.invoke(_MONDAY, Context("another"))
    assert (first["state"], second["state"]) == ("done", "repeated")
    assert account.files() == files
    assert len(account.letters()) == 1


def test_two_functions_at_once(account: Account) -> None:
    """Two functions on one book in the same instant lay each file down once, and send one mail with each."""
    start, answers = Barrier(2), list[object]()

    def invoke(request: str) -> None:
        start.wait()
        with suppress(Failed):  # the one that sees the other's claim is tried again by Lambda
            answers.append(account.invoke(_MONDAY, Context(request)))

    functions = [Thread(target=invoke, args=(request,)) for request in ("one", "another")]
    for function in functions:
        function.start()
    for function in functions:
        function.join()
    assert account.invoke(_MONDAY, Context())["state"] == "repeated"
    files = account.files()
    (letter,) = account.letters()
    attached: list[Any] = [part.get_payload(decode=True) for part in letter.iter_attachments()]
    assert sorted(attached) == sorted(files.values())
    assert answers


def test_by_hand(account: Account) -> None:
    """An event without a run key has its request's: tried again by Lambda it is the same, sent anew it is not."""
    assert account.invoke({}, Context("one"))["state"] == "done"
    assert account.invoke({}, Context("one"))["state"] == "repeated"
    account.clock.advance(minutes=1)
    assert account.invoke({}, Context("two"))["state"] == "empty"
    assert len(account.letters()) == 2


def test_a_secret_of_secrets_manager(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other vault is as good."""
    monkeypatch.setenv("PRIMANOTA_SECRET", "secretsmanager:primanota/acme")
    assert account.invoke(_MONDAY, Context())["state"] == "done"
    assert len(account.letters()) == 1


def test_what_only_a_person_can_mend(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that is not there: a mail says so, and the function has not failed, for no further try would help."""
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/primanota/nobody")
    answer = account.invoke(_MONDAY, Context())
    assert (answer["state"], answer["failure"], answer["exit_code"]) == ("act", "ConfigurationError", 3)
    assert _said(capsys) == answer
    assert "ssm:/primanota/nobody" in str(account.letters()[0].get_body(("plain",)))


def test_what_may_mend_itself(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank out of reach fails the function, so that Lambda tries again; the try that gets through does the week."""
    url = Workspace().config.api_url(account.simulator.login)
    monkeypatch.setenv("PRIMANOTA_API_URL", "http://127.0.0.1:1")
    with pytest.raises(Failed, match="ServiceUnavailable"):
        account.invoke(_MONDAY, Context())
    monkeypatch.setenv("PRIMANOTA_API_URL", url)
    assert account.invoke(_MONDAY, Context())["state"] == "done"


def test_a_mail_that_cannot_leave(account: Account) -> None:
    """Where SES refuses, somebody else must hear of it: the function fails, and the next try sends the mail."""
    ses = boto3.client("sesv2")
    ses.delete_email_identity(EmailIdentity=SENDER)
    with pytest.raises(Failed, match="could not be sent"):
        account.invoke(_MONDAY, Context())
    ses.create_email_identity(EmailIdentity=SENDER)
    assert account.invoke(_MONDAY, Context())["state"] == "repeated"
    assert len(account.letters()) == 1


def test_nobody_to_write_to(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no mail tells of a failure, the function fails, so that an alarm does."""
    monkeypatch.setenv("PRIMANOTA_TO", f"s3://{BUCKET}/files/")
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/primanota/nobody")
    with pytest.raises(Failed, match="ConfigurationError, and there is no mail address"):
        account.invoke(_MONDAY, Context())
    assert not account.letters()


@pytest.mark.parametrize("event", [None, [], "Monday", {"key1": "value1"}, {"run_key": 7}])
def test_an_event_of_somebody_else(event: object) -> None:
    """An event that is cannot be understood is refused with a sentence that shows one."""
    with pytest.raises(InvalidInput, match=r"cannot be understood: .* Send \{\}, or"):
        handler(event, Context())


def test_variables_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function without its variables says which one lacks first."""
    monkeypatch.delenv("PRIMANOTA_LOGIN", raising=False)
    with pytest.raises(ConfigurationError, match="PRIMANOTA_LOGIN"):
        handler({}, Context())


def test_without_a_first_day(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody says from which day on rows are new, no file is written, and the answer asks a person to act."""
    monkeypatch.setenv("PRIMANOTA_SINCE", "")
    assert account.invoke(_MONDAY, Context())["failure"] == "InvalidInput"
    assert account.invoke({**_MONDAY, "since": "2026-10-01"}, Context())["state"] == "done"


def test_a_mistake_of_ours_tells_no_names(
    account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug fails the function; log and error have its kind and its place, not its text, which may be anybody's."""

    def broken(*_: object) -> None:
        raise KeyError("DE89370400440532013000")

    monkeypatch.setattr(run, "_sync_and_export", broken)
    with pytest.raises(Failed, match="KeyError") as caught:
        account.invoke(_MONDAY, Context())
    assert caught.value.__suppress_context__
    said = _said(capsys)
    assert any(place.startswith("test_aws_lambda.py:") for place in said["at"])
    assert "DE89" not in f"{said}{caught.value}"


def test_no_secret_in_a_log(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither log nor mail nor answer has the secret, an IBAN or a name of the bank's."""
    answer = account.invoke(_MONDAY, Context())
    said = f"{answer}{capsys.readouterr()}"
    assert account.simulator.secret not in f"{said}{account.letters()}"
    assert "DE" not in said
    assert "Hauptkonto" not in said


def test_the_door_is_thin() -> None:
    """What the door decides fits on a page; all else is elsewhere."""
    assert Path(aws_lambda.__file__).read_text(encoding="utf-8").count("\n") < 150
