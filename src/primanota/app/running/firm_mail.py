"""Mail a firm the report of a run of several organisations."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from primanota.adapters import mail
from primanota.adapters.mail.addresses import mailbox
from primanota.adapters.settings.config import Config
from primanota.app.running.organisation_run import OrganisationRun


class FirmLetter(NamedTuple):
    """A mail to the firm: its sender, its recipients, and its bytes."""

    sender: str
    to: tuple[str, ...]
    message: bytes


def send_firm_mail(
    settings: Config, runs: Sequence[OrganisationRun], run_key: str, made: datetime
) -> tuple[str, ...]:
    """Send the firm its mail, and return its recipients; there are none if the settings name none.

    Raises:
        PrimanotaError: as ``firm_letter`` and ``send_firm_letter`` do.
    """
    letter = firm_letter(settings, runs, run_key, made)
    if letter is None:
        return ()
    send_firm_letter(settings, letter)
    return letter.to


def firm_letter(settings: Config, runs: Sequence[OrganisationRun], run_key: str, made: datetime) -> FirmLetter | None:
    """Return the firm's mail; None if the settings name no recipients.

    The same run key has the same Message-ID, by which a mailbox recognises a run that was repeated.

    Args:
        settings: the settings, with the firm's.
        runs: the outcomes.
        run_key: identifies the run; empty for none.
        made: when the run ended, aware.

    Raises:
        ConfigurationError: no sender is configured, or the firm's table has a mistake.
    """
    from primanota.adapters.mail.firm import CompanyLine, FirmReport, compose_firm

    settings.require_firm_readable()
    if not (to := settings.firm.to):
        return None
    own = settings.firm_mail()
    companies = [
        CompanyLine(
            one.name or one.login,
            one.shown_state,
            one.rows,
            one.to_review,
            one.proof,
            one.repeated,
            one.error,
            one.consent,
        )
        for one in runs
    ]
    zone = settings.zone("", "")
    report = FirmReport(companies, settings.firm.language or "en", made.astimezone(zone), zone.key)
    key = hashlib.sha256(f"firm\n{run_key or made.isoformat()}".encode()).hexdigest()[:32]
    message_id = f"<{key}@{mailbox(own.sender).domain}>"
    message = compose_firm(report, sender=own.sender, to=to, message_id=message_id)
    return FirmLetter(own.sender, tuple(to), bytes(message))


def send_firm_letter(settings: Config, letter: FirmLetter) -> None:
    """Send a mail to the firm.

    Raises:
        ConfigurationError: no server is configured, or the firm's table has a mistake.
        DeliveryFailed: the mail server refused the mail, or did not answer.
    """
    own = settings.firm_mail()
    server = mail.parse_server(own.server, own.user, settings.firm_mail_password())
    mail.send(letter.message, letter.sender, letter.to, server)
