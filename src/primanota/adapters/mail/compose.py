"""Compose the mail of a report: the same report and Message-ID give the same bytes. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING
from urllib.parse import quote

from primanota.adapters.mail.addresses import mailbox
from primanota.adapters.mail.headers import Header, address_header, text_header
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.report import Attachment, Report
from primanota.core.media_types import media_type

if TYPE_CHECKING:
    from primanota.adapters.mail.rendering import Rendered

# Nearly all mail servers accept 10 MB, and base64 makes files a third larger.
MOST_BYTES = 5_000_000


def compose(report: Report, *, sender: str, to: Sequence[str], message_id: str) -> EmailMessage:
    """Return a mail with a plain text, the same as HTML, and the files, as far as they fit.

    Args:
        report: the content.
        sender: an address, with or without a name.
        to: the addresses of the recipients, with or without a name.
        message_id: with its angle brackets.

    Raises:
        InvalidConfiguration: an address is not valid.
    """
    from primanota.adapters.mail.rendering import render

    attached, linked = _fitting(report.attachments)
    rendered = render(report, attached, linked)
    files = [(redacted(file.name, report.secrets), file.content) for file in attached]
    return written(rendered, report.made, sender=sender, to=to, message_id=message_id, files=files)


def written(
    rendered: "Rendered",
    made: datetime,
    *,
    sender: str,
    to: Sequence[str],
    message_id: str,
    files: Iterable[tuple[str, bytes]] = (),
) -> EmailMessage:
    """Return a mail with a plain text, the same as HTML, and files.

    Args:
        rendered: its subject and its bodies.
        made: its date, aware.
        sender: an address, with or without a name.
        to: the addresses of the recipients, with or without a name.
        message_id: with its angle brackets.
        files: the names and the contents of the files.

    Raises:
        InvalidConfiguration: an address is not valid.
    """
    mail = _addressed(sender, to, rendered.subject, made, message_id)
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    for name, content in files:
        _attach(mail, name, content)
    _fix_boundaries(mail, message_id)
    return mail


def _addressed(sender: str, to: Sequence[str], subject: str, made: datetime, message_id: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = address_header("From", [mailbox(sender)])
    mail["To"] = address_header("To", map(mailbox, to))
    mail["Subject"] = text_header("Subject", subject)
    mail["Date"] = made
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic reply
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # the same, as Exchange understands it (MS-OXCMAIL)
    return mail


def _attach(mail: EmailMessage, name: str, content: bytes) -> None:
    maintype, _, subtype = media_type(name).partition("/")
    # What looks like an encoded word is written in RFC 2231's form: the email package would decode it.
    is_encoded = "=?" in name
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=None if is_encoded else name)
    if is_encoded:
        *_, part = mail.iter_attachments()
        del part["Content-Disposition"]
        part["Content-Disposition"] = Header(
            "Content-Disposition", "attachment", ["attachment;", f"filename*=utf-8''{quote(name, safe='')}"]
        )


def _fitting(files: Sequence[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """Return the files that fit into the mail, and those left out: the largest first, until the rest fits."""
    attached, linked = list(files), []
    while sum(len(file.content) for file in attached) > MOST_BYTES:
        largest = max(attached, key=lambda file: len(file.content))
        attached.remove(largest)
        linked.append(largest)
    return attached, linked


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Derive the boundaries from the Message-ID; quoted-printable and base64 cannot contain “=_” (RFC 2045, 6.7)."""
    name = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{name}_{number}")
