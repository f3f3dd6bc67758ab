"""Mails through an SMTP server: sent encrypted and to all recipients, or refused with the reason."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from primanota.adapters.mail import Server, Ses, compose, parse_server, send
from primanota.core.errors import DeliveryFailed, InvalidConfiguration
from primanota.core.secret import Secret
from tests.support.servers import mail_reports, smtp_server
from tests.support.servers.smtp_server import PASSWORD, USER, Authority, MailHandler

RECIPIENTS = ["office@example.com", "zoe@example.com"]
Open = Callable[..., Server]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the server's certificate."""
    return smtp_server.authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def office() -> MailHandler:
    """The handler that accepts the mails."""
    return MailHandler()


@pytest.fixture
def opened(office: MailHandler, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Yield a function that starts servers with TLS and login: ``opened("tls")``, ``opened("starttls")``."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.trusted))
    with ExitStack() as stack:

        def make(security: str = "tls", password: str = PASSWORD, **how: Any) -> Server:  # noqa: ANN401 - aiosmtpd's
            words = {"authenticator": office.authenticate, "auth_require_tls": security == "starttls", **how}
            if security == "starttls":
                words = {"tls_context": authority.context, "require_starttls": True, **words}
            factory = partial(_smtp, office, words)
            port = stack.enter_context(
                smtp_server.listening(factory, authority.context if security == "tls" else None)
            )
            return Server("localhost", port, "tls" if security == "tls" else "starttls", USER, Secret(password))

        yield make


def _smtp(office: MailHandler, words: dict[str, Any]) -> SMTP:
    return SMTP(office, hostname="post", loop=asyncio.get_running_loop(), **words)


MAIL = compose(
    mail_reports.DONE, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID
).as_bytes()
_send = partial(send, MAIL, mail_reports.SENDER, RECIPIENTS)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_arrives(opened: Open, office: MailHandler, security: str) -> None:
    """Over TLS or STARTTLS and after a login, the server gets the mail byte for byte, for all recipients, once."""
    _send(opened(security))
    [mail] = office.mails
    assert mail.content == MAIL
    assert (mail.mail_from, mail.rcpt_tos) == ("books@example.com", RECIPIENTS)
    assert office.logins == ["fine"]


def test_the_greeting_hides_the_machine(opened: Open, office: MailHandler) -> None:
    """The greeting contains the sender's domain, not the name of the machine."""
    _send(opened("starttls"))
    assert set(office.hellos) == {"example.com"}


def test_without_starttls_nothing_is_sent(opened: Open, office: MailHandler) -> None:
    """If the server does not offer STARTTLS, neither password nor mail is sent."""
    with pytest.raises(DeliveryFailed, match=r"does not offer TLS \(STARTTLS\); nothing was sent"):
        _send(opened("starttls", tls_context=None, require_starttls=False, auth_require_tls=False))
    assert not office.logins
    assert not office.mails


def test_a_certificate_of_an_unknown_authority(
    opened: Open, office: MailHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server with a certificate of an unknown authority gets no mail."""
    through = opened("tls")
    monkeypatch.setenv("SSL_CERT_FILE", str(smtp_server.authority(tmp_path / "other").trusted))
    with pytest.raises(DeliveryFailed, match="a certificate that is not valid: unable to get local issuer"):
        _send(through)
    assert not office.mails


def test_a_certificate_for_another_name(office: MailHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with a certificate for another name gets no mail."""
    theirs = smtp_server.authority(tmp_path / "theirs", "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(theirs.trusted))
    with (
        smtp_server.listening(partial(_smtp, office, {}), theirs.context) as port,
        pytest.raises(DeliveryFailed, match=r"certificate that is not valid.*mismatch"),
    ):
        _send(Server("localhost", port, "tls"))


def test_a_wrong_password(opened: Open, office: MailHandler) -> None:
    """The error about a refused login contains the user and not the password."""
    with pytest.raises(DeliveryFailed, match="refuses the login of office") as caught:
        _send(opened("tls", password="wrong-password"))
    assert "wrong-password" not in f"{caught.value}{caught.value!r}{caught.value.__cause__}"
    assert not office.mails


def test_a_server_without_a_login(opened: Open) -> None:
    """If the server does not offer a login, the mail is not sent without one."""
    with pytest.raises(DeliveryFailed, match="does not offer a supported login"):
        _send(opened("tls", auth_exclude_mechanism=["PLAIN", "LOGIN"]))


def test_a_sender_that_is_refused(opened: Open, office: MailHandler) -> None:
    """The error about a refused sender contains the sender and the server's answer."""
    office.answers["MAIL"] = ["553 not yours"]
    with pytest.raises(DeliveryFailed, match=r"does not accept mail from books@example.com: not yours"):
        _send(opened())


def test_all_recipients_or_none(opened: Open, office: MailHandler) -> None:
    """If one recipient is refused, the mail is not sent at all, and the error names the recipient."""
    office.refused["zoe@example.com"] = "550 no such person"
    with pytest.raises(
        DeliveryFailed, match=r"accept mail for zoe@example.com, so the mail was not sent at all: no such person"
    ):
        _send(opened())
    assert not office.mails


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
def test_temporary_failures_are_tried_again(opened: Open, office: MailHandler, word: str) -> None:
    """After temporary failures (4xx) the mail is sent again, and arrives once."""
    office.answers[word] = ["451 greylisted", "451 greylisted"]
    _send(opened())
    assert len(office.mails) == 1


@pytest.mark.parametrize("word", ["MAIL", "RCPT", "DATA"])
def test_temporary_failures_end(opened: Open, office: MailHandler, word: str) -> None:
    """After the last attempt, the error says that the next run sends the mail, and nothing is sent."""
    office.answers[word] = ["451 busy"] * 99
    with pytest.raises(DeliveryFailed, match=r"for now: busy. The next run sends it"):
        _send(opened())
    assert not office.mails


def test_a_mail_that_is_refused(opened: Open, office: MailHandler) -> None:
    """After a permanent failure (5xx) the mail is not sent again."""
    office.answers["DATA"] = ["554 looks like spam", "250 OK"]
    with pytest.raises(DeliveryFailed, match="did not accept the mail: looks like spam"):
        _send(opened())
    assert office.answers["DATA"] == ["250 OK"]


def test_a_mail_that_is_too_big(opened: Open) -> None:
    """A mail beyond the server's size limit is refused (RFC 1870)."""
    with pytest.raises(DeliveryFailed, match="accepts mails of 5,000 bytes, and this one has"):
        _send(opened(data_size_limit=5_000))


def test_a_port_without_a_server() -> None:
    """A port without a server is reported."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryFailed, match="refuses the connection"):
            _send(Server("127.0.0.1", bound.getsockname()[1], "none"))


def test_an_unknown_host() -> None:
    """A host name that does not resolve is reported (RFC 2606 reserves ``.invalid``)."""
    with pytest.raises(DeliveryFailed, match="is not found by its name"):
        _send(Server("smtp.primanota.invalid", 465, "tls"))


class _OtherProtocol(asyncio.Protocol):
    """A server that does not speak SMTP, or closes the connection."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the text, and close the connection."""
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._text)
        transport.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "broke the connection off"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "broke the connection off|refuses"),
        (b"554 go away\r\n", "refuses: go away"),
        (b"421 too many\r\n", "refuses for now: too many"),
    ],
)
def test_servers_of_other_protocols(text: bytes, message: str) -> None:
    """The answer of a server that does not speak SMTP becomes an error sentence."""
    with smtp_server.listening(partial(_OtherProtocol, text)) as port, pytest.raises(DeliveryFailed, match=message):
        _send(Server("127.0.0.1", port, "none"))


def test_tls_at_the_wrong_port(opened: Open) -> None:
    """TLS at a port for STARTTLS is an error that names the port for TLS."""
    port = opened("starttls").port
    with pytest.raises(DeliveryFailed, match=r"does not speak TLS there. Port 465 is smtps"):
        _send(Server("localhost", port, "tls"))


def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that does not answer is an error after a time limit."""
    monkeypatch.setattr("primanota.adapters.mail.smtp_connection.SECONDS", 0.05)
    with (
        smtp_server.listening(asyncio.Protocol) as port,
        pytest.raises(DeliveryFailed, match="did not answer within"),
    ):
        _send(Server("127.0.0.1", port, "none"))


class _ClosingAtQuit(MailHandler):
    """A handler that accepts the mail and closes the connection at QUIT."""

    async def handle_QUIT(self, smtp: SMTP, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        """Close the connection without an answer."""
        assert isinstance(smtp.transport, asyncio.WriteTransport)
        smtp.transport.abort()
        return "221 never sent"


def test_a_failing_quit_is_not_a_failure() -> None:
    """A mail that was accepted counts as sent, even if QUIT fails."""
    office = _ClosingAtQuit()
    with smtp_server.listening(partial(_smtp, office, {})) as port:
        _send(Server("127.0.0.1", port, "none"))
    assert len(office.mails) == 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("smtp.example.de:587", ("smtp.example.de", 587, "starttls")),
        ("smtp.example.de", ("smtp.example.de", 587, "starttls")),
        ("smtp.example.de:465", ("smtp.example.de", 465, "tls")),
        ("smtp://smtp.example.de:2525", ("smtp.example.de", 2525, "starttls")),
        ("smtps://smtp.example.de", ("smtp.example.de", 465, "tls")),
        ("smtps://localhost:1465", ("localhost", 1465, "tls")),
        ("localhost", ("localhost", 25, "none")),
        ("[::1]:2525", ("::1", 2525, "none")),
        ("127.0.0.1:1025", ("127.0.0.1", 1025, "none")),
    ],
)
def test_the_setting_of_the_server(text: str, what: tuple[str, int, str]) -> None:
    """Host, port and TLS are read from the setting; only a server on this machine is used without TLS."""
    found = parse_server(text, USER, Secret(PASSWORD))
    assert isinstance(found, Server)
    assert (found.host, found.port, found.security) == what
    assert PASSWORD not in repr(found)


@pytest.mark.parametrize(("text", "region"), [("ses", ""), ("ses:eu-central-1", "eu-central-1")])
def test_the_setting_of_ses(text: str, region: str) -> None:
    """SES is used in the region of the setting, or without one in that of AWS's own settings."""
    assert parse_server(text) == Ses(region)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://x.de",
        "smtp.example.de:x",
        "smtp.example.de/x",
        "a b",
        "ses:",
        "ses:moon",
        "smtp://u:geheim@x.de",
        "x:99999",
    ],
)
def test_invalid_servers_are_refused(text: str) -> None:
    """An invalid server is refused, and a password in it is not quoted."""
    with pytest.raises(InvalidConfiguration) as caught:
        parse_server(text)
    assert "geheim" not in str(caught.value)


def test_no_connection_without_tls() -> None:
    """A server on another machine without TLS is refused, and so is a user without a password."""
    with pytest.raises(InvalidConfiguration, match="without TLS"):
        Server("smtp.example.de", 25, "none")
    with pytest.raises(InvalidConfiguration, match="not both"):
        parse_server("smtp.example.de", USER)


def test_tls_verifies_certificates() -> None:
    """The default context of TLS checks certificates and host names."""
    context = ssl.create_default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
