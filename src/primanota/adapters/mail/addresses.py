"""The addresses of a mail's sender and recipients, as the settings have them. Pure."""

from email.headerregistry import Address

from primanota.core.errors import InvalidConfiguration
from primanota.core.mail_address import parse_mailbox


def mailbox(text: str) -> Address:
    """Return an address with or without a name; see ``parse_mailbox``.

    Raises:
        InvalidConfiguration: the text is not an address.
    """
    try:
        return parse_mailbox(text)
    except ValueError as error:
        raise InvalidConfiguration(f"{error}", "Write it like office@example.com.") from None
