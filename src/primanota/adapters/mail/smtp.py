"""Send a mail through a mail server or Amazon SES: to all of its recipients, or not at all."""

import binascii
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from smtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from primanota.adapters.mail import ses
from primanota.adapters.mail.addresses import mailbox
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.servers import Server
from primanota.adapters.mail.ses import Ses
from primanota.adapters.mail.smtp_connection import SECONDS, Connection, TlsConnection, require_time
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.secret import Secret

# Of a mail with its repetitions: a run in AWS Lambda keeps four minutes for it.
_MOST_SECONDS = 180
_ATTEMPTS = 4
_TEMPORARY = range(400, 500)
_LATER = "The next run sends it."
_LONGEST_ANSWER = 200


class _TemporaryFailure(Exception):
    """An answer that asks to try again later; ``final`` is raised after the last attempt."""

    def __init__(self, final: DeliveryFailed) -> None:
        super().__init__(final)
        self.final = final


def send(message: bytes, sender: str, recipients: Sequence[str], server: Server | Ses) -> None:
    """Send a mail to all of its recipients, or not at all.

    After a temporary failure (a reply of 4xx) it is tried again a few times.

    Raises:
        InvalidConfiguration: an address is not valid.
        DeliveryFailed: the mail was not sent.
    """
    import stamina
    import stamina.instrumentation

    # A retry is not worth a line in the log: the error of the last attempt says it all.
    stamina.instrumentation.set_on_retry_hooks(())
    source = mailbox(sender).addr_spec
    addresses = [mailbox(recipient).addr_spec for recipient in recipients]
    if isinstance(server, Ses):
        ses.send(message, source, addresses, server)
        return
    end = time.monotonic() + _MOST_SECONDS
    try:
        for attempt in stamina.retry_context(on=_TemporaryFailure, attempts=_ATTEMPTS, wait_initial=1, wait_max=10):
            with attempt, _translated_errors(server), _connected(server, source, end) as smtp:
                _transmit(smtp, server, message, source, addresses)
    except _TemporaryFailure as later:
        raise later.final from None


@contextmanager
def _connected(server: Server, source: str, end: float) -> Iterator[SMTP]:
    """Open an encrypted connection, and log in."""
    context = ssl.create_default_context()
    name = source.rpartition("@")[2]  # the machine's own name stays private
    require_time(end)
    if server.security == "tls":
        smtp: SMTP = TlsConnection(end, server.host, server.port, name, context=context)
    else:
        smtp = Connection(end, server.host, server.port, name)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if server.password:
            _log_in(smtp, server, server.password)
        yield smtp
        # The mail is accepted by now, whether QUIT works or not.
        with suppress(SMTPException, OSError, DeliveryFailed):
            smtp.quit()
    finally:
        smtp.close()


def _log_in(smtp: SMTP, server: Server, password: Secret) -> None:
    try:
        smtp.login(server.user, password.reveal())
    except (SMTPResponseException, SMTPServerDisconnected):
        raise
    except binascii.Error:
        what = f"The mail server {server.host}:{server.port} asks for the password in a form that is not valid."
        raise DeliveryFailed(what, "Ask its administrator.") from None
    except UnicodeError:
        what = "“user” or “password” has a letter that a login by SMTP cannot carry."
        raise DeliveryFailed(what, "Use a password of plain ASCII.") from None
    except SMTPException:
        what = f"The mail server {server.host}:{server.port} does not offer a supported login."
        raise DeliveryFailed(what, "Try its other port, or leave “user” and “password” out.") from None


def _transmit(smtp: SMTP, server: Server, message: bytes, source: str, addresses: Sequence[str]) -> None:
    """Name all recipients first, and transmit the mail only if all of them are accepted."""
    where, limit = f"The mail server {server.host}", smtp.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(message):
        raise DeliveryFailed(
            f"{where} accepts mails of {int(limit):,} bytes, and this one has {len(message):,}.",
            "Ask its administrator for a higher limit, or use another server.",
        )
    size = [f"size={len(message)}"] if smtp.has_extn("size") else []
    _expect(smtp.mail(source, size), f"{where} does not accept mail from {source}", "Check “from” and “user”.")
    answers = [(address, smtp.rcpt(address)) for address in addresses]
    refused = [(address, answer) for address, answer in answers if not _is_success(answer[0])]
    if refused:
        names = ", ".join(address for address, _ in refused)
        # A permanent failure (5xx) outweighs temporary ones (4xx).
        answer = max((answer for _, answer in refused), key=lambda answer: answer[0])
        _expect(answer, f"{where} does not accept mail for {names}, so the mail was not sent at all", "Check “to”.")
    _expect(smtp.data(message), f"{where} did not accept the mail", "Check its answer.")


def _is_success(code: int) -> bool:
    return 200 <= code < 300  # noqa: PLR2004 - RFC 5321, 4.2.1


def _expect(answer: tuple[int, bytes], message: str, hint: str) -> None:
    """Raise if an answer is not a success.

    Raises:
        _TemporaryFailure: the code is 4xx.
        DeliveryFailed: another code.
    """
    code, text = answer
    if not _is_success(code):
        _refuse(code, text, message, hint)


def _refuse(code: int, text: bytes | str, message: str, hint: str, secret: Secret | None = None) -> None:
    answer = _one_line(text, secret)
    if code in _TEMPORARY:
        raise _TemporaryFailure(DeliveryFailed(f"{message} for now: {answer}.", _LATER))
    raise DeliveryFailed(f"{message}: {answer}.", hint)


def _one_line(text: bytes | str, secret: Secret | None) -> str:
    """Return a server's answer on one line, without the password, and only then shortened."""
    decoded = text if isinstance(text, str) else text.decode("utf-8", "replace")
    return redacted(decoded, [secret] if secret else [])[:_LONGEST_ANSWER].rstrip(" .") or "no reason given"


@contextmanager
def _translated_errors(server: Server) -> Iterator[None]:
    """Translate the errors of smtplib and of the connection within the block."""
    where = f"The mail server {server.host}:{server.port}"
    try:
        yield
    except PrimanotaError:
        raise
    except SMTPAuthenticationError as error:
        _refuse(
            error.smtp_code,
            error.smtp_error,
            f"{where} refuses the login of {server.user}",
            "Check “user” and “password”; some servers need a password made for programs.",
            server.password,
        )
    except SMTPResponseException as error:
        _refuse(error.smtp_code, error.smtp_error, f"{where} refuses", "Ask its administrator.", server.password)
    except SMTPNotSupportedError:
        what = f"{where} does not offer TLS (STARTTLS); nothing was sent."
        raise DeliveryFailed(what, "Something may intercept the connection. Try smtps://.") from None
    except (SMTPException, OSError, UnicodeError) as error:
        raise DeliveryFailed(*_broken(error, where)) from None


def _broken(error: Exception, where: str) -> tuple[str, str]:
    """Return message and hint for a broken connection."""
    if isinstance(error.__context__, TimeoutError):
        error = error.__context__  # smtplib raises SMTPServerDisconnected for a timeout, too
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"{error}".rpartition("failed: ")[2].partition(" (_ssl")[0].rstrip(".")
        return f"{where} has a certificate that is not valid: {why}.", "Check “server”, or ask its administrator."
    for kinds, what, hint in _BROKEN:
        if isinstance(error, kinds):
            return f"{where} {what}.", hint
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{where} cannot be reached: {reason or 'it does not speak SMTP'}.", "Check “server” and its port."


# Subclasses before their base classes.
_BROKEN: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (socket.gaierror, UnicodeError),
        "is not found by its name",
        "Check “server”; if you are offline, the next run sends it.",
    ),
    (ssl.SSLError, "does not speak TLS there", "Port 465 is smtps://, port 587 is smtp://."),
    (TimeoutError, f"did not answer within {SECONDS} seconds", _LATER),
    (ConnectionRefusedError, "refuses the connection", "Check “server” and its port."),
    ((SMTPServerDisconnected, ConnectionError), "broke the connection off", _LATER),
)
