"""A report as a mail: the same report and the same Message-ID are the same bytes. Pure."""

import hashlib
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import PurePath

from primanota.adapters.mail.addresses import mailbox
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.report import Attachment, Report

# Mail servers take 10 MB at least, nearly all of them, and base64 makes a third more of it.
MOST_BYTES = 5_000_000
# What a mail program opens a file with. Not from the system's table: the same mail is the same bytes everywhere.
_TYPES = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".ofx": "application/x-ofx",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".zip": "application/zip",
}


def compose(report: Report, *, sender: str, to: Sequence[str], message_id: str) -> EmailMessage:
    """A mail with a plain text, the same as HTML, and the files, as far as they fit.

    Args:
        report: what it tells.
        sender: an address, with or without a name.
        to: the addresses of those it is for.
        message_id: what it is called, with its angle brackets.

    Raises:
        InvalidConfiguration: an address is none.
    """
    from primanota.adapters.mail.rendering import render

    attached, linked = _fitting(report.attachments)
    subject, text, html = render(report, attached, linked)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mailbox(sender)
    mail["To"] = [mailbox(one) for one in to]
    mail["Subject"] = subject
    mail["Date"] = report.made
    mail["Message-ID"] = message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no machine shall answer
    mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"  # the same, as Exchange understands it (MS-OXCMAIL)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    for file in attached:
        kind, _, subtype = _TYPES.get(PurePath(file.name).suffix.lower(), "application/octet-stream").partition("/")
        mail.add_attachment(
            file.content, maintype=kind, subtype=subtype, filename=redacted(file.name, report.secrets)
        )
    _fix_boundaries(mail, message_id)
    return mail


def _fitting(files: Sequence[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """Those that go with the mail, and those that are too big for it: the largest first, until the rest fits."""
    attached, linked = list(files), []
    while sum(len(file.content) for file in attached) > MOST_BYTES:
        largest = max(attached, key=lambda file: len(file.content))
        attached.remove(largest)
        linked.append(largest)
    return attached, linked


def _fix_boundaries(mail: EmailMessage, message_id: str) -> None:
    """Name them after the mail; “=_” stands in no quoted-printable and in no base64 (RFC 2045, 6.7)."""
    name = hashlib.sha256(message_id.encode()).hexdigest()[:32]
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"=_{name}_{number}")
