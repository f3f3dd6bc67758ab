"""A report in words: subject, plain text, HTML. Pure."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePath
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup

from primanota.adapters.mail import translations
from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.report import Attachment, Report
from primanota.adapters.mail.translations import Failure, Kind, Words
from primanota.app.review import KINDS, Finding
from primanota.core.errors import (
    AccessDenied,
    AlreadyExported,
    BankRefused,
    BookConflict,
    BookLocked,
    BookUnusable,
    ConfigurationError,
    DeliveryFailed,
    FormatRuleViolated,
    InvalidApiKey,
    InvalidInput,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.export.exported import Exported

# A table is short; whoever wants all of it asks the program.
_SHOWN = 10
_LONGEST_NAME = 80
# Dark enough for white letters (WCAG AA), and bright enough to be told apart on a dark screen.
_COLOURS = {"done": "#1e7d43", "empty": "#5f6b76", "act": "#c0262d"}
# What does not end the mail's subject, for it needs no deed before the next import.
_QUIET_KINDS = {"receipt", "vat"}
# The nearest class above an error says what to do about it.
_FAILURES: dict[type[BaseException], str] = {
    InvalidApiKey: "key",
    AccessDenied: "forbidden",
    BankRefused: "refused",
    ServiceUnavailable: "unreachable",
    NotProven: "unproven",
    AlreadyExported: "left",
    FormatRuleViolated: "rule",
    DeliveryFailed: "place",
    BookLocked: "held",
    BookConflict: "moved",
    BookUnusable: "book",
    ConfigurationError: "config",
    InvalidInput: "config",
    PrimanotaError: "bug",
}


class Rendered(NamedTuple):
    """A mail's subject, on one line, and its two bodies."""

    subject: str
    text: str
    html: str


class Group(NamedTuple):
    """Findings of one kind: all of them counted, the newest to be shown."""

    kind: Kind
    total: int
    shown: list[Finding]


def render(report: Report, attached: Iterable[Attachment], linked: Iterable[Attachment]) -> Rendered:
    """Put a report into the words of its language; in no line of it is a secret or a whole IBAN."""
    words = translations.words(report.language)
    headline = _headline(report, words)
    values = {
        "report": report,
        "words": words,
        "language": translations.spoken(report.language),
        "name_of": _name_of,
        "headline": headline,
        "colour": _COLOURS[report.state],
        "days": words.days(report.first, report.last),
        "made": f"{words.day(report.made)} {report.made:%H:%M}",
        "failure": _failure(report.failure, words) if report.failure else None,
        "files": [file for file in report.files if _speaks(file)],
        "quiet": [file for file in report.files if not _speaks(file)],
        "groups": list(_groups(report.findings, words)),
        "attached": list(attached),
        "linked": list(linked),
    }
    text, html = (_environment().get_template(f"mail.{kind}").render(values) for kind in ("txt", "html"))
    return Rendered(redacted(_subject(report, words, headline), report.secrets), text, html)


@pass_context
def _shown(context: Context, value: object) -> object:
    """Whatever a template shows goes through the veil; what is HTML already went through it before."""
    return value if isinstance(value, Markup) else redacted(f"{value}", context["report"].secrets)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("primanota.adapters.mail"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _name_of(file: Exported) -> str:
    """What a file is called, here or where it went instead; empty where it went by mail alone."""
    places = [f"{file.path}"] if file.path else [place for place in file.copies if not place.startswith("mailto:")]
    return next((PurePath(place).name for place in places), "")


def _speaks(file: Exported) -> bool:
    """Whether a file is worth more than a line: it has rows, or nobody may rely on it."""
    return bool(file.rows) or file.proven is False


def _headline(report: Report, words: Words) -> str:
    """The state in a few words."""
    if report.failure:
        return _failure(report.failure, words).heading
    rows = words.count(words.rows, report.rows) if report.rows else words.nothing
    if report.files and (report.rows or report.proven is False):
        rows = f"{rows}, {_proof(report, words)}"
    return rows[:1].upper() + rows[1:]


def _proof(report: Report, words: Words) -> str:
    """Whether everything is there, where some accounts may be proven and others only counted."""
    mixed = report.proven is None and any(file.proven for file in report.files if file.rows)
    return words.partly if mixed else words.proof.of(report.proven)


def _subject(report: Report, words: Words, headline: str) -> str:
    """Whose, what, of which days, and how much there is to look at."""
    name = report.organisation
    name = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    urgent = sum(finding.kind not in _QUIET_KINDS for finding in report.findings)
    look = words.count(words.look, urgent) if urgent else ""
    rest = " · ".join(filter(None, (headline, words.days(report.first, report.last), look)))
    return f"{name}: {rest}"


def _failure(error: PrimanotaError, words: Words) -> Failure:
    name = next(_FAILURES[kind] for kind in type(error).__mro__ if kind in _FAILURES)
    found: Failure = getattr(words.failure, name)
    return found


def _groups(findings: Iterable[Finding], words: Words) -> Iterator[Group]:
    """Findings by their kind, each in order of its days."""
    all_of_them = list(findings)
    for name in KINDS:
        found = sorted((one for one in all_of_them if one.kind == name), key=lambda one: one.day)
        if found:
            yield Group(getattr(words.kind, name), len(found), found[-_SHOWN:])
