"""The rules for a mail: its recipients alone, no header of somebody else, no key in any form, and a subject."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.torture.canary import forms

OFFICE = "office@example.com"
_HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("MIME-Version", "Content-Type"),
}


def wrong_letters(content: bytes, secret: str) -> Iterator[str]:
    """Yield what is wrong with a mail, as a mail program reads it."""
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    if more := set(mail.keys()) - _HEADERS:
        yield f"a mail has the headers {more}"
    if len(mail.keys()) != len(set(mail.keys())):
        yield f"a mail has a header twice: {mail.keys()}"
    if mail["To"] != OFFICE or mail["From"] != "books@example.com":
        yield f"a mail is from {mail['From']} to {mail['To']}"
    subject = str(mail["Subject"])
    if not subject or not subject.isprintable():
        yield f"a mail has the subject {subject!r}"
    text = mail.get_body(("plain",))
    if text is None or not text.get_content().strip():
        yield "a mail has no text"
    decoded = [part.get_payload(decode=True) or b"" for part in mail.walk() if not part.is_multipart()]
    heads = [str(value).encode("utf-8", "replace") for part in mail.walk() for value in part.values()]
    if any(form in text for form in forms(secret) for text in (content, *decoded, *heads)):
        yield "a mail has the key"
