"""Report by mail that a run could not begin: its settings cannot be read, or name something that does not exist."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.adapters.settings.for_mail import load_for_mail
from primanota.app.send_outbox import message_id
from primanota.app.workspace import Workspace
from primanota.core.errors import PrimanotaError

# Makes the workspace of an organisation with given settings.
WorkspaceOf = Callable[[str | None, config.Config], Workspace]


def with_settings(organisation: str | None, settings: config.Config) -> Workspace:
    """Return the workspace of an organisation with given settings."""
    return Workspace(organisation, settings=settings)


class CannotBegin(Exception):
    """A run could not begin. ``error`` says why; ``mailed`` is whether a mail has reported it."""

    def __init__(self, error: PrimanotaError, *, mailed: bool) -> None:
        super().__init__(str(error))
        self.error = error
        self.mailed = mailed

    def summary(self, run_key: str) -> dict[str, Any]:
        """Return the summary of the run, without names, if a mail reported why it could not begin.

        Raises:
            PrimanotaError: no mail was sent, so something else has to report it.
        """
        if not self.mailed:
            raise self.error
        kind = type(self.error).__name__
        return {"state": "act", "run_key": run_key, "failure": kind, "exit_code": self.error.exit_code}


@contextmanager
def reported(
    organisation: str | None, run_key: str, words: Iterable[str] = (), workspaces: WorkspaceOf = with_settings
) -> Iterator[None]:
    """Report an error within the block by mail, where the settings of mails can be read.

    Args:
        organisation: the organisation of the run; None for the default one.
        run_key: the run's key, or empty.
        words: destinations that were given; those of the settings if there are none.
        workspaces: makes the workspace from which the mail is sent.

    Raises:
        CannotBegin: the block raised an error for the user.
    """
    try:
        yield
    except PrimanotaError as error:
        mailed = False
        with suppress(PrimanotaError):  # the mail settings cannot be read either, or the mail is refused
            _send(workspaces(organisation, load_for_mail()), error, run_key, words)
            mailed = True
        raise CannotBegin(error, mailed=mailed) from None


def _send(workspace: Workspace, error: PrimanotaError, run_key: str, words: Iterable[str]) -> None:
    recipients = workspace.destinations(words).recipients
    if not recipients:
        raise error
    send = workspace.mailer(recipients)
    zone = workspace.time_zone("")
    report = mail.Report(
        organisation=workspace.login,
        language=workspace.config.language(workspace.login) or "en",
        made=workspace.clock().astimezone(zone),
        zone=zone,
        failure=error,
        secrets=workspace.secrets,
    )
    key = message_id(workspace.login, run_key or f"{workspace.began}", workspace.sender, failed=type(error).__name__)
    message = mail.compose(report, sender=workspace.sender, to=recipients, message_id=f"<{key}>")
    send(bytes(message), workspace.sender, recipients)
