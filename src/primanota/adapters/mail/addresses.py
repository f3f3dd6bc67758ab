"""Who a mail is from and for. Pure."""

import re
from email.headerregistry import Address

from primanota.core.errors import InvalidConfiguration
from primanota.core.text import one_line

_MAILBOX = re.compile(r'"?(?P<name>[^<>"]*?)"?\s*<(?P<address>[^<>]+)>|(?P<bare>[^<>]+)')
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE | re.ASCII)
_LONGEST = 254


def mailbox(text: str) -> Address:
    """An address, with or without a name: ``office@example.com``, ``The office <office@example.com>``.

    Raises:
        InvalidConfiguration: it is none, or one that not every mail server understands.
    """
    match = _MAILBOX.fullmatch(text.strip())
    name, address = (match["name"] or "", match["address"] or match["bare"]) if match else ("", "")
    local, _, host = address.rpartition("@")
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if one_line(text) != text or not (_LOCAL.fullmatch(local) and _HOST.fullmatch(host)):
        raise _mistake(text)
    if len(local) + 1 + len(host) > _LONGEST:
        raise _mistake(text)
    return Address(name.strip(), local, host)


def _mistake(text: str) -> InvalidConfiguration:
    return InvalidConfiguration(
        f"“{one_line(text)}” is not an address for mail.", "Write it like office@example.com."
    )
