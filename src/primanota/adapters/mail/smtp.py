"""A mail on its way: through a mail server, or Amazon SES. To everybody it is for, or to nobody."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from smtplib import (
    SMTP,
    SMTP_SSL,
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
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.secret import Secret

_SECONDS = 30
_ATTEMPTS = 4
_TEMPORARY = range(400, 500)
_LATER = "Nothing to do: the next run sends it."
_LONGEST_ANSWER = 200


class _Temporary(Exception):
    """An answer that a later try may better; ``final`` is what to raise when patience ends."""

    def __init__(self, final: DeliveryFailed) -> None:
        super().__init__(final)
        self.final = final


def send(message: bytes, sender: str, recipients: Sequence[str], through: Server | Ses) -> None:
    """Send a mail to all of its recipients, or to none of them.

    An answer that says “later” is asked again a few times; then the next run's turn has come.

    Raises:
        InvalidConfiguration: an address is none.
        DeliveryFailed: it was not sent.
    """
    import stamina
    import stamina.instrumentation

    # As in client.py: a retry is a matter of patience, not of the log.
    stamina.instrumentation.set_on_retry_hooks(())
    source, people = mailbox(sender).addr_spec, [mailbox(one).addr_spec for one in recipients]
    if isinstance(through, Ses):
        ses.send(message, source, people, through)
        return
    try:
        for attempt in stamina.retry_context(on=_Temporary, attempts=_ATTEMPTS, wait_initial=1, wait_max=10):
            with attempt, _told(through), _connected(through, source) as smtp:
                _hand_over(smtp, through, message, source, people)
    except _Temporary as later:
        raise later.final from None


@contextmanager
def _connected(through: Server, source: str) -> Iterator[SMTP]:
    """A connection that nobody listens to, logged in."""
    context = ssl.create_default_context()
    name = source.rpartition("@")[2]  # the machine's own is nobody's business
    if through.security == "tls":
        smtp: SMTP = SMTP_SSL(through.host, through.port, name, timeout=_SECONDS, context=context)
    else:
        smtp = SMTP(through.host, through.port, name, timeout=_SECONDS)
    try:
        if through.security == "starttls":
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if through.password:
            _log_in(smtp, through, through.password)
        yield smtp
        # A farewell that fails takes nothing back.
        with suppress(SMTPException, OSError):
            smtp.quit()
    finally:
        smtp.close()


def _log_in(smtp: SMTP, through: Server, password: Secret) -> None:
    try:
        smtp.login(through.user, password.reveal())
    except (SMTPResponseException, SMTPServerDisconnected):
        raise
    except UnicodeError:
        what = "“user” or “password” has a letter that no login by SMTP can carry."
        raise DeliveryFailed(what, "Take a password of plain ASCII.") from None
    except SMTPException:
        what = f"The mail server {through.host}:{through.port} offers no login that is known here."
        raise DeliveryFailed(what, "Try its other port, or leave “user” and “password” out.") from None


def _hand_over(smtp: SMTP, through: Server, message: bytes, source: str, people: Sequence[str]) -> None:
    """Name everybody first, and hand the mail over only if everybody is taken."""
    where, limit = f"The mail server {through.host}", smtp.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(message):
        raise DeliveryFailed(
            f"{where} takes mails of {int(limit):,} bytes, and this one has {len(message):,}.",
            "Ask whoever runs it for more, or use another one.",
        )
    size = [f"size={len(message)}"] if smtp.has_extn("size") else []
    _expect(smtp.mail(source, size), f"{where} does not take mail from {source}", "Look at “from” and “user”.")
    answers = [(person, smtp.rcpt(person)) for person in people]
    refused = [(person, answer) for person, answer in answers if not _is_fine(answer[0])]
    if refused:
        names = ", ".join(person for person, _ in refused)
        # One “never” outweighs any “later”.
        _, answer = max(refused, key=lambda one: one[1][0])
        _expect(answer, f"{where} does not take mail for {names}, so nobody was sent it", "Look at “to”.")
    _expect(smtp.data(message), f"{where} did not take the mail", "Look at what it says.")


def _is_fine(code: int) -> bool:
    return 200 <= code < 300


def _expect(answer: tuple[int, bytes], what: str, do: str) -> None:
    """Nothing, where an answer is fine.

    Raises:
        _Temporary: it is “later”.
        DeliveryFailed: it is “never”.
    """
    code, said = answer
    if not _is_fine(code):
        _refuse(code, said, what, do)


def _refuse(code: int, said: bytes | str, what: str, do: str) -> None:
    if code in _TEMPORARY:
        raise _Temporary(DeliveryFailed(f"{what} for now: {_words(said)}.", _LATER))
    raise DeliveryFailed(f"{what}: {_words(said)}.", do)


def _words(said: bytes | str) -> str:
    """A server's own words, on one line."""
    text = said if isinstance(said, str) else said.decode("utf-8", "replace")
    return redacted(text)[:_LONGEST_ANSWER].rstrip(" .") or "no reason given"


@contextmanager
def _told(through: Server) -> Iterator[None]:
    """Whatever goes wrong on the way, as a sentence."""
    where = f"The mail server {through.host}:{through.port}"
    try:
        yield
    except PrimanotaError:
        raise
    except SMTPAuthenticationError as error:
        what = f"{where} refuses the login of {through.user}"
        said = _without(through.password, _words(error.smtp_error))
        _refuse(error.smtp_code, said, what, "Look at “user” and “password”; some want a password made for programs.")
    except SMTPResponseException as error:
        _refuse(
            error.smtp_code,
            _without(through.password, _words(error.smtp_error)),
            f"{where} refuses",
            "Ask whoever runs it.",
        )
    except SMTPNotSupportedError:
        what = f"{where} does not offer TLS (STARTTLS); nothing was sent."
        raise DeliveryFailed(what, "Somebody may be in between. Try smtps://, or ask whoever runs it.") from None
    except (SMTPException, OSError, UnicodeError) as error:
        raise DeliveryFailed(*_broken(error, where)) from None


def _without(secret: Secret | None, text: str) -> str:
    return redacted(text, [secret] if secret else [])


def _broken(error: Exception, where: str) -> tuple[str, str]:
    """What happened to a connection, and what to do."""
    if isinstance(error.__context__, TimeoutError):
        error = error.__context__  # smtplib calls everything a disconnection
    if isinstance(error, ssl.SSLCertVerificationError):
        why = f"{error}".rpartition("failed: ")[2].partition(" (_ssl")[0].rstrip(".")
        return f"{where} shows a certificate that is not right: {why}.", "Look at “server”, or ask whoever runs it."
    for kinds, what, do in _BROKEN:
        if isinstance(error, kinds):
            return f"{where} {what}.", do
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{where} cannot be reached: {reason or 'it speaks no SMTP'}.", "Look at “server” and its port."


# From the narrow to the wide.
_BROKEN: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str, str], ...] = (
    (
        (socket.gaierror, UnicodeError),
        "is not found by its name",
        "Look at “server”; offline, the next run sends it.",
    ),
    (ssl.SSLError, "does not speak TLS there", "Port 465 is smtps://, port 587 is smtp://."),
    (TimeoutError, f"did not answer within {_SECONDS} seconds", _LATER),
    (ConnectionRefusedError, "takes no connection", "Look at “server” and its port."),
    ((SMTPServerDisconnected, ConnectionError), "broke the connection off", _LATER),
)
