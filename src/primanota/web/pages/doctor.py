"""Doctor: what was run last; on request, everything is examined, each with a tick or what to do."""

from functools import cache, partial

from starlette.responses import Response

from primanota.app.installation.doctor import examine, logged_runs
from primanota.book.file.run_log import LoggedRun
from primanota.book.journal import Journal
from primanota.core.language.catalogue import Texts, load
from primanota.core.period import moment
from primanota.core.redaction import redacted_error
from primanota.web.screens import Form, Screen
from primanota.web.visit import Visit


class SubjectNames(Texts, frozen=True):
    """The names of what is examined."""

    book: str
    chain: str
    accounts: str
    key: str
    consent: str
    limits: str
    statements: str
    places: str
    receipts: str
    mail: str
    schedule: str


class DoctorTexts(Texts, frozen=True):
    """The texts of this screen."""

    heading: str
    intro: str
    examine: str
    results: str
    subject: str
    result: str
    well: str
    runs: str
    command: str
    started: str
    outcome: str
    running: str
    subjects: SubjectNames


@cache
def doctor_texts(language: str) -> DoctorTexts:
    """Return the texts in a language."""
    return load("page_doctor", language, DoctorTexts)


def show(visit: Visit) -> Response:
    """Show the last runs, and the button that examines everything."""
    return visit.page("doctor.html", d=doctor_texts(visit.language), results=[], runs=visit.read(partial(_runs)))


def examined(visit: Visit) -> Response:
    """Examine everything, and ask the bank; nothing is changed."""
    results, runs = visit.read(lambda journal: (examine(visit.workspace, journal), _runs(journal)))
    shown = [(one, redacted_error(f"{one.error.message} {one.error.hint}") if one.error else "") for one in results]
    return visit.page("doctor.html", d=doctor_texts(visit.language), results=shown, runs=runs)


def _runs(journal: Journal) -> list[tuple[LoggedRun, object]]:
    """Return the last runs, each with the local time at which it began."""
    return [(run, moment(run.started).astimezone(journal.zone)) for run in logged_runs(journal)]


SCREENS = (Screen("/doctor", show), Form("/doctor", examined, only_reads=True))
