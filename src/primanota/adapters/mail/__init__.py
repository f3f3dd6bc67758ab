"""The mail of a run: its data, its texts, its MIME form, and its sending."""

from primanota.adapters.mail.addresses import mailbox
from primanota.adapters.mail.compose import MOST_BYTES, compose
from primanota.adapters.mail.report import Attachment, Report
from primanota.adapters.mail.servers import Server, parse_server
from primanota.adapters.mail.ses import Ses, require_usable
from primanota.adapters.mail.smtp import send

__all__ = [
    "MOST_BYTES",
    "Attachment",
    "Report",
    "Server",
    "Ses",
    "compose",
    "mailbox",
    "parse_server",
    "require_usable",
    "send",
]
