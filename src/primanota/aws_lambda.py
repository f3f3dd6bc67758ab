"""The AWS Lambda function: an event comes in, the weekly run is executed, a summary goes out.

What the function raises decides what Lambda does next. An error makes Lambda try the event twice more, put it into
the dead-letter queue, and mail the recipients of the alarms. So it raises where a minute later may be better (the
bank, the bucket or the mail server could not be reached, another run changed the book), where no mail was sent, and
for a bug. A failure that only the user can correct, and that was mailed, is not an error of the function: the answer
has the state ``act``.

The answer, the log and the error contain no name, IBAN or amount; the mail does.
"""

import json
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from primanota import profiles
from primanota.app.exporting.selection import first_new_day
from primanota.app.running import views
from primanota.app.running.run import execute_run, seconds_for_bank
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.running.settings_failure import CannotBegin, reported
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core import redaction
from primanota.core.errors import InvalidInput, PrimanotaError
from primanota.core.selection import New
from primanota.core.transient_errors import may_pass

_EXAMPLE = 'Send {}, or {"run_key": "2026-11-23T06:00:00Z"}; organisation, profile and since are optional.'


class Failed(Exception):
    """A failure that Lambda is to try again, or an alarm is to report; its text is logged, so it has no bank data."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of an event; the function's environment variables give the rest.

    ``run_key`` is the time at which the run was due. Events with the same ``run_key`` are one run.
    """

    run_key: str = ""
    organisation: str | None = None
    profile: str = ""
    since: str = ""


def make_handler(workspaces: Callable[[str | None], Workspace] = Workspace) -> Callable[..., dict[str, Any]]:
    """Return the function that Lambda calls; ``workspaces`` returns the workspace of a named organisation."""
    return partial(_handle, workspaces)


def _handle(workspaces: Callable[[str | None], Workspace], event: object, context: object) -> dict[str, Any]:
    """Execute the weekly run, and return what became of it in numbers.

    Args:
        workspaces: makes the workspace of an organisation.
        event: the fields of ``Event``.
        context: Lambda's; its request id is the run key of an event without one, and stays when Lambda tries again.

    Raises:
        PrimanotaError: the event or the function's variables are wrong, so that no mail can be sent.
        Failed: it is to be tried again, or no mail was sent.
    """
    redaction.begin()
    asked = _parse(event)
    run_key = asked.run_key or str(getattr(context, "aws_request_id", ""))
    try:
        with reported(asked.organisation, run_key):
            workspace = workspaces(asked.organisation)
            if remaining := getattr(context, "get_remaining_time_in_millis", None):
                workspace.bank_end = monotonic() + seconds_for_bank(remaining() / 1000)
            request = _request(asked, workspace, run_key)
    except CannotBegin as failed:
        summary = failed.summary(run_key)
        _log(summary)
        return summary
    try:
        report = execute_run(workspace, request)
    except PrimanotaError:
        raise
    except Exception as bug:  # noqa: BLE001 - the text of the error must not be logged
        _log({"state": "act", "failure": type(bug).__name__, "at": _places(bug)})
        raise Failed(f"A mistake of the program ({type(bug).__name__}); the log says where.") from None
    answer: dict[str, Any] = msgspec.to_builtins(views.run_summary(report, request))
    _log(answer)
    _raise_if_needed(report, request)
    return answer


handler = make_handler()


def _parse(event: object) -> Event:
    try:
        return msgspec.convert(event, Event)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"The event cannot be understood: {error}.", _EXAMPLE) from None


def _request(asked: Event, workspace: Workspace, run_key: str) -> RunRequest:
    tool = profiles.load(asked.profile or workspace.config.profile(workspace.login))

    def new(book: Book) -> New:
        since = first_new_day(book, tool, asked.since, workspace.config)
        if not since:
            raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Set PRIMANOTA_SINCE.")
        return New(since)

    return RunRequest(tool, new, workspace.destinations(), run_key)


def _raise_if_needed(report: RunReport, request: RunRequest) -> None:
    """Fail where Lambda should try again, or where no mail reported the failure.

    Raises:
        Failed: the run is to be tried again, or its failure was not mailed.
    """
    if report.unsent:
        raise Failed(f"Mails that could not be sent: {len(report.unsent)}. The next attempt sends them.")
    if report.failure and may_pass(report.failure):
        raise Failed(f"{report.failure_kind}: may be transient, and is tried again.")
    if report.failure and not request.destinations.recipients:
        raise Failed(f"{report.failure_kind}, and there is no mail address to report it to.")


def _places(bug: Exception) -> list[str]:
    """Return the lines of source that led to a bug, outermost first."""
    return [f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(bug.__traceback__)]


def _log(line: dict[str, Any]) -> None:
    sys.stdout.write(redaction.redacted_error(json.dumps(line)) + "\n")
    sys.stdout.flush()
