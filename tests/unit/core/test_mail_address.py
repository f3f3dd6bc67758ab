"""One rule for mail addresses, in the settings and in ``--to mailto:``."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.adapters.mail import mailbox
from primanota.core.errors import InvalidConfiguration, InvalidInput
from primanota.core.mail_address import parse_mailbox
from primanota.export.destinations import parse_destinations

_TEXTS = st.text() | st.from_regex(r"[\w.ä<> \"@+-]{1,12}@[\w.äß-]{1,12}>?", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("office@example.com", "", "office@example.com"),
        (" office@example.com ", "", "office@example.com"),
        ("The office <office@example.com>", "The office", "office@example.com"),
        ('"Zoë" <zoe+books@example.com>', "Zoë", "zoe+books@example.com"),
        ("post@bücher.example", "", "post@xn--bcher-kva.example"),
        ("root@localhost", "", "root@localhost"),
    ],
)
def test_addresses(text: str, name: str, address: str) -> None:
    """An address is read with or without a name; its domain becomes ASCII (IDNA)."""
    found = parse_mailbox(text)
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "a@", "@b.de", "a@-", "a@b@c.de", "a b@c.de", ".a@b.de", "a.@b.de", "a..b@c.de", "ä@example.com"),
        *("a@b\r\nBcc: c@d", "a@b, c@d", "a@b..de", "<a@b.de", f"{'a' * 250}@b.de", "a\u202e@b.de"),
    ],
)
def test_what_is_not_an_address(text: str) -> None:
    """Several addresses, control characters, letters outside ASCII before the @ and other mistakes are refused."""
    with pytest.raises(ValueError, match="is not a mail address"):
        parse_mailbox(text)


@given(_TEXTS.filter(lambda text: "," not in text))
def test_settings_and_destinations_agree(text: str) -> None:
    """A text is accepted as a destination if and only if it is accepted in the settings and in a mail."""
    try:
        addresses = [mailbox(text)]
    except InvalidConfiguration:
        addresses = []
    try:
        recipients: tuple[str, ...] = parse_destinations([f"mailto:{text}"]).recipients
    except InvalidInput:
        recipients = ()
    assert [mailbox(person) for person in recipients] == addresses
