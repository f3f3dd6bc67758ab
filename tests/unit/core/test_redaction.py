"""Redaction: no text that leaves the process has a secret, in whatever form it is repeated or pasted."""

import base64
import contextvars
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core import redaction
from primanota.core.errors import BankRefused, PrimanotaError
from primanota.core.redaction import redacted, redacted_error, without_secrets
from primanota.core.secret import Secret

_HEX = "8a6c1f0e2b7d4c93a5f1e0d7c6b2a498"
_SECRETS = st.text(alphabet=[chr(code) for code in range(33, 127) if chr(code) != ":"], min_size=12, max_size=64)
_FORMS: list[Callable[[str], str]] = [
    str,
    lambda secret: base64.b64encode(secret.encode()).decode(),
    lambda secret: base64.urlsafe_b64encode(f"acme-1234:{secret}".encode()).decode(),
    lambda secret: base64.b64encode(f"x{secret}, and more".encode()).decode(),
    lambda secret: quote(secret, safe=""),
    quote_plus,
    lambda secret: json.dumps({"header": f"acme-1234:{secret}"}),
    html.escape,
    lambda secret: secret.encode().hex(),
]


@given(_SECRETS, st.sampled_from(_FORMS))
def test_a_known_secret_is_removed_in_every_form(secret: str, form: Callable[[str], str]) -> None:
    """A known secret is removed, also in base64 at any place, quoted for a URL, for JSON and for HTML."""
    told = form(secret)
    shown = without_secrets(f"The bank said: {told} again.", [secret])
    assert secret not in shown
    assert told not in shown


@given(_SECRETS, st.integers(min_value=10))
def test_a_secret_that_was_cut_off_is_removed(secret: str, length: int) -> None:
    """A beginning of a known secret, where a message was cut off, is removed as well."""
    start = secret[: max(10, length % len(secret))]
    if len(secret) >= 20:
        assert start not in without_secrets(f"echo {start}", [secret])


@pytest.mark.parametrize(
    "told",
    [
        f"acme-corp-1234:{_HEX}",
        f"“acme:{_HEX}” is not a profile.",
        f"Authorization: acme-corp-1234:{_HEX}",
        f'{{"authorization": "{_HEX}"}}',
        f"Basic {base64.b64encode(_HEX.encode()).decode()}",
        f"Bearer {_HEX}",
        f"acme-corp-1234%3A{_HEX}",
        f"mailto:acme-corp-1234:{_HEX}",
    ],
)
def test_a_key_is_removed_that_is_not_known(told: str) -> None:
    """An API key is removed from every text by its form alone."""
    assert _HEX not in redacted(told)
    assert base64.b64encode(_HEX.encode()).decode() not in redacted(told)


@pytest.mark.parametrize(
    "told",
    [
        f"There is no account “{_HEX}”.",
        f"No such option: --{_HEX}",
        f"There is no book at /home/ada/{_HEX}.",
        "“acme-corp-1234:s3cr3t!” is not a period.",
        "Got unexpected extra argument (acme-corp-1234:s3cr3t!)",
        "“acme-corp-1234:ab/s3cr3t/+=” is not a place.",
    ],
)
def test_an_error_has_nothing_that_looks_like_a_secret(told: str) -> None:
    """An error removes what looks like a secret wherever it was typed: a bare secret, and what follows a login."""
    for problem in (PrimanotaError(told, told), BankRefused(told, told, detail=told)):
        assert _HEX not in str(problem)
        assert "s3cr3t" not in str(problem)
        assert "s3cr3t" not in getattr(problem, "detail", "")


@pytest.mark.parametrize(
    "told",
    [
        "The mail server smtp-1.example-2.com:587 refuses the login of ada.",
        "since 2026-10-05T06:00:00+01:00",
        "secretsmanager:arn:aws:secretsmanager:eu-central-1:123456789012:secret:primanota-AbCdEf: access denied.",
        "The book shared:/mnt/office-1/acme.book is locked by process 4711 on host-1.",
        "http://127.0.0.1:8765/v2/transactions",
        "http://bank-1.example-2:8900/v2/organization",
        f"files/{_HEX}{_HEX}.csv was changed: its SHA-256 is not the one in manifest.json.",
        "transaction 019a1b2c-3d4e-7f80-9123-456789abcdef is twice in the book",
        "The key of acme-corp-1234: it was renewed.",
        "DE89370400440532013000",
    ],
)
def test_what_is_no_secret_stays(told: str) -> None:
    """Hosts with ports, moments, names of Amazon, ids, hashes as file names and IBANs are shown whole."""
    assert redacted_error(told) == told


def test_data_stays_in_a_result() -> None:
    """A result shows a SHA-256 whole, and a reference of the bank that has the form of a key."""
    for told in (f"SHA-256: {_HEX}{_HEX}", f"Mandat:{_HEX}", "Basic Subscription2026"):
        assert without_secrets(told, ["another secret"]) == told
    assert redacted(f"SHA-256: {_HEX}{_HEX}") == f"SHA-256: {_HEX}{_HEX}"


def test_a_wrapped_secret_is_known_at_once() -> None:
    """A secret is removed from the moment at which it is wrapped, within its command, and not in another one."""

    def command() -> str:
        redaction.begin()
        Secret("correct-horse")
        return redacted("it was correct-horse")

    assert contextvars.copy_context().run(command) == "it was …"
    assert redacted("it was correct-horse") == "it was correct-horse"


@pytest.mark.parametrize("password", ["a/b+c0f/Pr1", "x", "a@b", "0123456789abcdef0123456789abcdef"])
def test_a_password_in_a_url_is_removed(password: str) -> None:
    """The password in a URL is removed whatever its characters are, and the rest of the sentence stays."""
    told = redacted(f"“https://user:{password}@bank.example/v2” is not a URL.")
    assert told == "“https://user:…@bank.example/v2” is not a URL."
    assert redacted("https://bank.example:8443/v2, or ask ada@example.com") == (
        "https://bank.example:8443/v2, or ask ada@example.com"
    )


def test_a_key_in_place_of_a_login_is_removed() -> None:
    """A key that was pasted as an organisation's name is not in the hint about its table."""
    hint = "Write a table [organisation.7d2f9bc4a4ry0fPr1m4a0t4c4a4ry7d2.mail] with from and server."
    assert redacted_error(hint) == "Write a table [organisation.….mail] with from and server."
