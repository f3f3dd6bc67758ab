"""Mail the firm the report of a week: the same mail as of a run of several organisations."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from primanota.adapters.settings.config import Config
from primanota.app.running.firm_mail import FirmLetter, firm_letter, send_firm_mail
from primanota.app.running.organisation_run import OrganisationRun
from primanota.core import errors
from primanota.core.errors import PrimanotaError, ServiceUnavailable
from primanota.core.notice import Notice
from primanota.core.proof_state import State
from primanota.fleet.occasions import Occasion

Consents = Mapping[str, Notice]


def mail_week(
    settings: Config, week: str, occasions: Iterable[Occasion], made: datetime, consents: Consents
) -> tuple[str, ...]:
    """Send the firm the report of a week, and return its recipients; there are none if the settings name none.

    A week's mail has the same Message-ID each time, by which a mailbox recognises that it was sent again.

    Args:
        settings: the settings of this machine, with the firm's.
        week: the ISO week.
        occasions: its runs.
        made: the present, aware.
        consents: says of clients whose consent ends soon that it does.

    Raises:
        PrimanotaError: as ``send_firm_mail`` does.
    """
    return send_firm_mail(settings, [_run(one, consents) for one in occasions], f"fleet/{week}", made)


def week_letter(
    settings: Config, week: str, occasions: Iterable[Occasion], made: datetime, consents: Consents
) -> FirmLetter | None:
    """Return the letter that ``mail_week`` would send; None if the settings name no recipients.

    Raises:
        PrimanotaError: as ``firm_letter`` does.
    """
    return firm_letter(settings, [_run(one, consents) for one in occasions], f"fleet/{week}", made)


_PROOFS: dict[bool | None, State | None] = {True: "proven", False: "doubtful", None: None}


def _run(occasion: Occasion, consents: Consents) -> OrganisationRun:
    error = None if occasion.state == "done" else _error(occasion)
    return OrganisationRun(
        login=occasion.login,
        rows=occasion.rows,
        proof=_PROOFS[occasion.proven],
        error=error,
        consent=consents.get(occasion.login),
    )


def _error(occasion: Occasion) -> PrimanotaError:
    """Return the error that a run's kind and sentence name; a run that has not ended is one that will be tried."""
    kind = getattr(errors, occasion.error_kind, None)
    if isinstance(kind, type) and issubclass(kind, PrimanotaError):
        return kind(occasion.sentence)
    return ServiceUnavailable(occasion.sentence) if occasion.state != "person" else PrimanotaError(occasion.sentence)
