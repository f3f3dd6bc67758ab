"""The mail of a run: what it says, how it is put together, how it is sent."""

from primanota.mail.addresses import mailbox
from primanota.mail.compose import compose
from primanota.mail.report import Attachment, Report, language
from primanota.mail.sending import send
from primanota.mail.servers import Server, server
from primanota.mail.ses import Ses

__all__ = ["Attachment", "Report", "Server", "Ses", "compose", "language", "mailbox", "send", "server"]
