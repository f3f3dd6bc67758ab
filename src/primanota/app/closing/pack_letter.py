"""Write the letter of a closed month into the outbox, once for the same pack and the same people."""

from collections.abc import Sequence
from typing import NamedTuple

from primanota.adapters.mail.close_letter import compose_close
from primanota.app.send_outbox import message_id
from primanota.app.workspace import Workspace
from primanota.book import Batches, Letter, Letters
from primanota.book.journal import Journal
from primanota.close.letter import LetterFacts, close_letter
from primanota.core.month_close import MonthClose


class PackLetter(NamedTuple):
    """A letter to write: to whom, with the pack's bytes or without them, and the addresses that have the pack."""

    close: MonthClose
    recipients: tuple[str, ...]
    content: bytes | None
    places: Sequence[str]


def letter_id(workspace: Workspace, sha256: str, recipients: tuple[str, ...]) -> str:
    """Return the id of the letter that brings a pack to some people."""
    return message_id(workspace.login, f"{sha256} {','.join(recipients)}", workspace.sender, failed="")


def write_letter(workspace: Workspace, journal: Journal, asked: PackLetter) -> None:
    """Add the letter to the outbox, unless it is there; inside the book's ``writing``."""
    letters, close, recipients = Letters(journal.book), asked.close, asked.recipients
    key = letter_id(workspace, close.sha256, recipients)
    known = letters.one(key)
    if known and known.state != "withdrawn":
        return
    facts = LetterFacts(
        journal.organisation().name, f"{journal.zone}", asked.content, asked.places, workspace.secrets
    )
    message = compose_close(close_letter(close, facts), sender=workspace.sender, to=recipients, message_id=f"<{key}>")
    composed, now = bytes(message), Batches(journal.book).now()
    letter = Letter(
        id=key, made=now, since=now, sender=workspace.sender, to=recipients, subject=str(message["Subject"])
    )
    letters.add(letter.of(composed), composed)
