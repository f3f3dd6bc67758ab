"""A mail server on a socket, with a certificate of an authority of the tests."""

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)
USER, PASSWORD = "office", "a-password-of-the-tests"


class Authority(NamedTuple):
    """The certificate of an authority as a file, and the TLS context of a server with a certificate by it."""

    trusted: Path
    context: ssl.SSLContext


def authority(folder: Path, name: str = "localhost") -> Authority:
    """Make an authority and a server's certificate by it, by RFC 5280: Python 3.13 is strict (VERIFY_X509_STRICT)."""
    folder.mkdir(exist_ok=True)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    top = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority of the tests")])
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    root = _certificate(
        top, top, ours, ours, [(x509.BasicConstraints(ca=True, path_length=0), True), (_usage("key_cert_sign"), True)]
    )
    names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = _certificate(
        subject,
        top,
        theirs,
        ours,
        [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_usage("digital_signature"), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.SubjectAlternativeName(names[: 1 + (name == "localhost")]), False),
        ],
    )
    trusted, own = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(Encoding.PEM))
    key = theirs.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own.write_bytes(key + leaf.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return Authority(trusted, context)


def _usage(*allowed: str) -> x509.KeyUsage:
    """Return a KeyUsage extension (RFC 5280, 4.2.1.3) with some usages."""
    return x509.KeyUsage(**{name: name in allowed for name in _USAGES})


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    extensions: list[tuple[x509.ExtensionType, bool]],
) -> x509.Certificate:
    # TLS checks the validity by the clock of the machine, not of a test.
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    known = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = made.add_extension(known, critical=False)
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return made.sign(signer, hashes.SHA256())


class MailHandler:
    """A handler that accepts mails, with prepared answers.

    ``answers`` are replies instead of its own, by command (``MAIL``, ``RCPT``, ``DATA``); each is given once.
    ``refused`` are replies by recipient, given every time.
    """

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.hellos: list[str] = []
        self.refused: dict[str, str] = {}
        self.answers: dict[str, list[str]] = {}
        self.logins: list[str] = []

    def _answer(self, command: str) -> str | None:
        waiting = self.answers.get(command)
        return waiting.pop(0) if waiting else None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name and arguments
        self, _: SMTP, session: Session, __: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Record the greeting."""
        self.hellos.append(hostname)
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802
        """Accept the sender."""
        envelope.mail_from = address
        return self._answer("MAIL") or "250 OK"

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802
        """Accept or refuse a recipient."""
        if answer := self.refused.get(address) or self._answer("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        """Accept the mail."""
        if answer := self._answer("DATA"):
            return answer
        self.mails.append(envelope)
        return "250 OK"

    def authenticate(self, _: SMTP, __: Session, ___: Envelope, ____: str, login: Any) -> AuthResult:  # noqa: ANN401
        """Check user and password."""
        fine = isinstance(login, LoginPassword) and (login.login, login.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        self.logins.append("fine" if fine else "refused")
        return AuthResult(success=fine, handled=fine)


@contextmanager
def listening(factory: Callable[[], asyncio.Protocol], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve a protocol on a port within the block; yields the port."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
