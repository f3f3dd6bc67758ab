"""Mail addresses: the one rule for the settings, for ``--to mailto:`` and for the headers of a mail. Pure."""

import re
from email.headerregistry import Address

from primanota.core.text import one_line

_MAILBOX = re.compile(r'"?(?P<name>[^<>"]*?)"?\s*<(?P<address>[^<>]+)>|(?P<bare>[^<>]+)')
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE | re.ASCII)
_LONGEST = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def parse_mailbox(text: str) -> Address:
    """Read an address with or without a name: ``office@example.com``, ``The office <office@example.com>``.

    The local part is a dot-atom of ASCII (RFC 5322, 3.2.3): not every mail server supports more (RFC 6531). A domain
    with other letters is written in its ASCII form (IDNA, RFC 3490).

    Raises:
        ValueError: the text is not an address. The message is a sentence for the user.
    """
    match = _MAILBOX.fullmatch(text.strip())
    name, address = (match["name"] or "", match["address"] or match["bare"]) if match else ("", "")
    local, _, domain = address.rpartition("@")
    try:
        domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if (
        one_line(text) != text
        or not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain))
        or len(local) + 1 + len(domain) > _LONGEST
    ):
        raise ValueError(f"“{one_line(text)}” is not a mail address.")
    return Address(name.strip(), local, domain)
