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
from primanota.core.model import Account
from primanota.core.results import KINDS, AccountExport, Batch, Finding

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


class File(NamedTuple):
    """An exported file as the mail shows it; without ``batch`` an account that has nothing to export. Cents."""

    account: Account
    batch: int | None
    name: str
    rows: int
    sum_in: int
    sum_out: int
    opening: int | None
    closing: int | None
    proven: bool | None


class Group(NamedTuple):
    """Findings of one kind: all of them counted, the newest to be shown."""

    kind: Kind
    total: int
    shown: list[Finding]


def render(report: Report, attached: Iterable[Attachment], linked: Iterable[Attachment]) -> Rendered:
    """Put a report into the words of its language; in no line of it is a secret or a whole IBAN."""
    words = translations.words(report.language)
    headline = _headline(report, words)
    files = [file for one in report.exports for file in _files(one)]
    values = {
        "report": report,
        "words": words,
        "language": translations.spoken(report.language),
        "headline": headline,
        "colour": _COLOURS[report.state],
        "days": words.days(report.first, report.last),
        "made": f"{words.day(report.made)} {report.made:%H:%M}",
        "failure": _failure(report.failure, words) if report.failure else None,
        "files": [file for file in files if _is_worth_a_section(file)],
        "quiet": [file for file in files if not _is_worth_a_section(file)],
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


def _files(done: AccountExport) -> Iterator[File]:
    for batch in done.batches or (None,):
        ends = batch or done.span
        sums = (batch.rows, batch.sum_in, batch.sum_out) if batch else (0, 0, 0)
        number, name = (batch.number, _name_of(batch)) if batch else (None, "")
        yield File(done.account, number, name, *sums, ends.opening, ends.closing, ends.proven)


def _name_of(batch: Batch) -> str:
    """Return a file's name at its first destination that is not a mail; empty where it only goes by mail."""
    places = (one.destination for one in batch.deliveries if one.kind != "mail")
    return next((PurePath(place).name for place in places), "")


def _is_worth_a_section(file: File) -> bool:
    """Return whether a file gets more than a line: it has rows, or is not proven."""
    return bool(file.rows) or file.proven is False


def _headline(report: Report, words: Words) -> str:
    """The state in a few words."""
    if report.failure:
        return _failure(report.failure, words).heading
    rows = words.count(words.rows, report.rows) if report.rows else words.nothing
    if report.exports and (report.rows or report.proven is False):
        rows = f"{rows}, {_proof(report, words)}"
    return rows[:1].upper() + rows[1:]


def _proof(report: Report, words: Words) -> str:
    """Whether everything is there, where some accounts may be proven and others only counted."""
    mixed = report.proven is None and any(one.proven for one in report.exports if one.rows)
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
            yield Group(getattr(words.kind, name.replace("-", "_")), len(found), found[-_SHOWN:])
