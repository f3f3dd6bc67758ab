"""The door for AWS Lambda: an event comes in, the week is done, a summary goes out. ``weekly.py`` does it all.

What the door decides is what Lambda does next. An error makes Lambda try the event twice more, lay it down with the
dead letters, and mail whoever gets the alarms. So it raises where a minute later may be better (the bank, the bucket
or the mail was out of reach, somebody else changed the book), where nobody got a mail, and where the fault is ours.
What only a person can mend, and has a mail about, is no error of the function: it answers ``act``.

Neither answer, log nor error has a name, an IBAN or an amount in it. The mail has them.
"""

import json
import sys
import traceback
from pathlib import Path
from typing import Any

import msgspec

from primanota import profiles
from primanota.app.notify import RunReport
from primanota.app.run import RunRequest, execute_run
from primanota.app.selection import first_new_day
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.errors import (
    BookConflict,
    BookLocked,
    DeliveryFailed,
    InvalidInput,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.selection import New

_MENDS_ITSELF = (ServiceUnavailable, DeliveryFailed, BookConflict, BookLocked)
_AN_EVENT = 'Send {}, or {"occasion": "2026-11-23T06:00:00Z"}; organisation, profile and since may stand beside it.'


class Failed(Exception):
    """What Lambda is to try again, or somebody is to hear of; its text is for a log that others may read."""


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an event may say; what it leaves out is as the function's variables say.

    ``occasion`` is the time at which the run was due. However often an event with one comes, it is one run.
    """

    occasion: str = ""
    organisation: str | None = None
    profile: str = ""
    since: str = ""


def handler(event: object, context: object) -> dict[str, Any]:
    """Do the week; what became of it, in numbers.

    Args:
        event: as ``Event`` has it.
        context: Lambda's; its request is the occasion of an event that names none, and stays when Lambda tries again.

    Raises:
        PrimanotaError: the event or the function's variables are wrong, so that nobody can get a mail.
        Failed: it is to be tried again, or nobody got a mail.
    """
    asked = _understood(event)
    session = Workspace(asked.organisation)
    job = _job(asked, session, asked.occasion or str(getattr(context, "aws_request_id", "")))
    try:
        told = execute_run(session, job)
    except PrimanotaError:
        raise
    except Exception as mistake:  # noqa: BLE001 - its text must not get into a log
        _log({"state": "act", "failure": type(mistake).__name__, "at": _places(mistake)})
        raise Failed(f"A mistake of the program ({type(mistake).__name__}); the log says where.") from None
    answer = _summary(told, job)
    _log(answer)
    _insist(told, job)
    return answer


def _understood(event: object) -> Event:
    try:
        return msgspec.convert(event, Event)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"The event is none of ours: {error}.", _AN_EVENT) from None


def _job(asked: Event, session: Workspace, occasion: str) -> RunRequest:
    tool = profiles.load(asked.profile or session.config.profile(session.login))

    def new(book: Book) -> New:
        since = first_new_day(book, tool, asked.since, session.config)
        if since is None:
            raise InvalidInput(f"From which day on are rows new for {tool.name}?", "Say it with PRIMANOTA_SINCE.")
        return New(since)

    return RunRequest(tool, new, session.bound((), occasion))


def _summary(told: RunReport, job: RunRequest) -> dict[str, Any]:
    rows = sum(file.rows for file in told.files)
    state = "act" if told.failure else "again" if told.again else "done" if rows else "empty"
    answer = {
        "state": state,
        "occasion": job.to.occasion,
        "profile": job.tool.name,
        "files": sum(1 for file in told.files if file.batch),
        "rows": rows,
        "unsent": len(told.unsent),
    }
    if told.failure:
        answer |= {"failure": type(told.failure).__name__, "exit_code": told.failure.exit_code}
    return answer


def _insist(told: RunReport, job: RunRequest) -> None:
    """Fail where Lambda should try again, or where nobody heard of it otherwise.

    Raises:
        Failed: it should, or nobody did.
    """
    if told.unsent:
        raise Failed(f"Mails that could not be sent: {len(told.unsent)}. The next try sends them.")
    if isinstance(told.failure, _MENDS_ITSELF):
        raise Failed(f"{type(told.failure).__name__}: may mend itself, and is tried again.")
    if told.failure and not job.to.people:
        raise Failed(f"{type(told.failure).__name__}, and no mail address to tell it to.")


def _places(mistake: Exception) -> list[str]:
    """The lines of source that led to it, outermost first."""
    return [f"{Path(one.filename).name}:{one.lineno}" for one in traceback.extract_tb(mistake.__traceback__)]


def _log(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
