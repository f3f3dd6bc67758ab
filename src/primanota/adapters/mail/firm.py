"""The mail for a firm about a run of several companies: what is to be done first, then each company. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from email.message import EmailMessage
from typing import NamedTuple

from jinja2.runtime import Context
from markupsafe import Markup

from primanota.adapters.mail.compose import written
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.rendering import COLOURS, Rendered, environment, explanation
from primanota.adapters.mail.translations import Translation, translation
from primanota.core.errors import PrimanotaError
from primanota.core.language.catalogue import Explanation, supported_language
from primanota.core.language.firm import FirmTexts, firm_texts, headline
from primanota.core.language.notices import notice_text
from primanota.core.notice import Notice
from primanota.core.proof_state import State

_ORDER = ("person", "later", "review", "done")


class CompanyLine(NamedTuple):
    """A company in a mail; ``state`` is a field of ``CompanyStates``, ``proof`` None if nothing was read.

    ``consent`` says that its consent ends soon, None if it does not.
    """

    name: str
    state: str
    rows: int
    to_review: int
    proof: State | None
    repeated: bool
    error: PrimanotaError | None
    consent: Notice | None = None


class FirmReport(NamedTuple):
    """A run of several companies. ``made`` is the firm's local time, aware, in the time zone ``zone``."""

    companies: Sequence[CompanyLine]
    language: str
    made: datetime
    zone: str


class _StateSection(NamedTuple):
    """The companies in one state, each as its name, the heading of its error or what was done, and a hint."""

    title: Explanation
    lines: list[tuple[str, str, str]]


def compose_firm(report: FirmReport, *, sender: str, to: Sequence[str], message_id: str) -> EmailMessage:
    """Return the mail of a firm.

    Args:
        report: the content.
        sender: an address, with or without a name.
        to: the addresses of the recipients, with or without a name.
        message_id: with its angle brackets.

    Raises:
        InvalidConfiguration: an address is not valid.
    """
    return written(_rendered(report), report.made, sender=sender, to=to, message_id=message_id)


def _rendered(report: FirmReport) -> Rendered:
    known, texts = translation(report.language), firm_texts(report.language)
    states = [one.state for one in report.companies]
    first = headline(texts, known.notation.count, states)
    worst = next((state for state in _ORDER if state in states), "done")
    values = {
        "language": supported_language(report.language),
        "headline": first,
        "made": f"{known.notation.day(report.made)} {report.made:%H:%M}",
        "colour": COLOURS["act" if worst in {"person", "later"} else "done"],
        "notation": known.notation,
        "sections": list(_sections(report, known, texts)),
        "foot": texts.foot.format(zone=report.zone),
    }
    text, html = (environment(_finalize).get_template(f"firm.{kind}").render(values) for kind in ("txt", "html"))
    return Rendered(redacted(f"Primanota: {first} · {known.notation.day(report.made)}"), text, html)


def _sections(report: FirmReport, known: Translation, texts: FirmTexts) -> Iterable[_StateSection]:
    for state in _ORDER:
        if lines := [_line(one, report.language, known, texts) for one in report.companies if one.state == state]:
            yield _StateSection(texts.state.of(state), lines)


def _line(one: CompanyLine, language: str, known: Translation, texts: FirmTexts) -> tuple[str, str, str]:
    if one.error:
        explained = explanation(one.error, known)
        return one.name, explained.heading, explained.hint
    consent = notice_text(one.consent, language) if one.consent else ""
    if one.repeated:
        return one.name, texts.repeated, consent
    done = [known.notation.count(texts.rows, one.rows)]
    done += [known.notation.count(texts.look, one.to_review)] if one.to_review else []
    done += [known.words.proof.of(one.proof)] if one.proof else []
    return one.name, ", ".join(done), consent


def _finalize(_: Context, value: object) -> object:
    """Redact every value but markup, which is redacted already."""
    return value if isinstance(value, Markup) else redacted(f"{value}")
