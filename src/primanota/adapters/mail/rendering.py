"""Render a report as the subject, plain text and HTML of a mail. Pure."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import PurePath
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from markupsafe import Markup

from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.report import Attachment, Report
from primanota.adapters.mail.translations import Translation, translation
from primanota.core.errors import (
    AccessDenied,
    AlreadyExported,
    BankRefused,
    BookConflict,
    BookDamaged,
    BookLocked,
    BookUnusable,
    ConfigurationError,
    ConsentEnded,
    DeliveryFailed,
    DiskFailed,
    DiskFull,
    FormatRuleViolated,
    InvalidApiKey,
    InvalidInput,
    NoRights,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.language.catalogue import Explanation, supported_language
from primanota.core.language.notices import notice_text
from primanota.core.model import Account
from primanota.core.proof_state import State
from primanota.core.results import AccountExport, Batch, Finding, Findings

# A table shows the newest rows; ``primanota review`` shows all.
_SHOWN = 10
_LONGEST_NAME = 80
# Dark enough for white letters (WCAG AA), and bright enough to be told apart on a dark screen.
COLOURS = {"done": "#1e7d43", "empty": "#5f6b76", "act": "#c0262d"}
# The fields of ``FailureTexts``, by class; an error without an entry has the one of its nearest base class.
_FAILURES: dict[type[BaseException], str] = {
    InvalidApiKey: "invalid_key",
    ConsentEnded: "consent_ended",
    AccessDenied: "access_denied",
    BankRefused: "refused",
    ServiceUnavailable: "unavailable",
    NotProven: "not_proven",
    AlreadyExported: "already_exported",
    FormatRuleViolated: "format_rule",
    DeliveryFailed: "delivery",
    BookLocked: "book_locked",
    BookConflict: "book_conflict",
    BookUnusable: "book_unusable",
    BookDamaged: "book_damaged",
    DiskFull: "disk_full",
    NoRights: "no_rights",
    DiskFailed: "disk_failed",
    ConfigurationError: "configuration",
    InvalidInput: "configuration",
    PrimanotaError: "bug",
}


class Rendered(NamedTuple):
    """The subject of a mail, on one line, and its two bodies."""

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
    proof: State


class Group(NamedTuple):
    """The findings of one kind: their total, and the newest of them."""

    kind: Explanation
    total: int
    shown: list[Finding]


def render(report: Report, attached: Iterable[Attachment], linked: Iterable[Attachment]) -> Rendered:
    """Render a report in its language. No line of it has a secret or a whole IBAN."""
    known = translation(report.language)
    notation = known.notation
    headline = _headline(report, known)
    files = [file for one in report.exports for file in _files(one)]
    values = {
        "report": report,
        "texts": known.texts,
        "words": known.words,
        "notation": notation,
        "language": supported_language(report.language),
        "headline": headline,
        "colour": COLOURS[report.state],
        "days": notation.days(report.first, report.last),
        "made": f"{notation.day(report.made)} {report.made:%H:%M}",
        "failure": explanation(report.failure, known) if report.failure else None,
        "files": [file for file in files if _has_section(file)],
        "idle": [file for file in files if not _has_section(file)],
        "todo": [] if report.failure else list(_todo(report, files, known)) or [known.texts.todo.nothing],
        "notes": [notice_text(note, report.language) for note in report.notes],
        "groups": list(_groups(report.findings, known)),
        "attached": list(attached),
        "linked": list(linked),
    }
    text, html = (environment(_finalize).get_template(f"mail.{kind}").render(values) for kind in ("txt", "html"))
    return Rendered(redacted(_subject(report, known, headline), report.secrets), text, html)


def _finalize(context: Context, value: object) -> object:
    """Jinja ``finalize`` hook: redact every value except markup, which is redacted already."""
    return value if isinstance(value, Markup) else redacted(f"{value}", context["report"].secrets)


@cache
def environment(finalize: Callable[[Context, object], object]) -> Environment:
    """Return the templates of mails.

    Args:
        finalize: is called with every value that a template writes, and returns what is written.
    """
    return Environment(
        loader=PackageLoader("primanota.adapters.mail"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        finalize=pass_context(finalize),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _files(done: AccountExport) -> Iterator[File]:
    for batch in done.batches or (None,):
        ends = batch or done.span
        sums = (batch.rows, batch.sum_in, batch.sum_out) if batch else (0, 0, 0)
        number, name = (batch.number, _name_of(batch)) if batch else (None, "")
        state = batch.proof_state if batch else done.span.proof
        yield File(done.account, number, name, *sums, ends.opening, ends.closing, ends.proven, state)


def _name_of(batch: Batch) -> str:
    """Return the name of a file on this machine, else in a bucket, else that of the attached file."""
    places = (one.destination for one in batch.deliveries if one.kind in {"folder", "bucket"})
    return next((PurePath(place).name for place in places), batch.name)


def _has_section(file: File) -> bool:
    """Return whether a file gets a section of its own: it has rows, or is not proven complete."""
    return bool(file.rows) or file.proven is False


def _headline(report: Report, known: Translation) -> str:
    """Return what is to be done, then the state of the run, in a few words."""
    texts = known.texts.headline
    if report.failure:
        return explanation(report.failure, known).heading
    if not report.rows:
        return texts.idle.of(report.proof if report.exports and report.proven is False else "proven")
    # Some accounts may be proven and others only counted.
    mixed = report.proven is None and any(one.proven for one in report.exports if one.rows)
    return known.notation.count(texts.rows.mixed if mixed else texts.rows.of(report.proof), report.rows)


def _subject(report: Report, known: Translation, headline: str) -> str:
    """Return the organisation, what is to be done first, the result, and the days."""
    name = report.organisation
    name = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
    urgent = report.findings.urgent  # the others can wait until after the import
    to_review = known.notation.count(known.texts.to_review, urgent) if urgent else ""
    first = (headline, to_review) if report.state == "act" else (to_review, headline)
    rest = " · ".join(filter(None, (*first, known.notation.days(report.first, report.last))))
    return f"{name}: {rest}"


def _todo(report: Report, files: list[File], known: Translation) -> Iterator[str]:
    """Yield what a person has to do, in its order: check, look at rows, import, and what can wait."""
    texts, count = known.texts.todo, known.notation.count
    for file in files:
        if file.proven is False and (before := texts.before_import(file.proof)):
            yield before.format(account=file.account.name)
    if urgent := report.findings.urgent:
        yield count(texts.review, urgent)
    for file in files:
        if file.rows:
            yield count(texts.file, file.rows, file=file.name, account=file.account.name)
    for kind, text in (("receipt", texts.receipts), ("vat", texts.vat)):
        if number := report.findings.counts.get(kind, 0):
            yield count(text, number)


def explanation(error: PrimanotaError, known: Translation) -> Explanation:
    """Return what an error means, and what to do about it."""
    name = next(_FAILURES[kind] for kind in type(error).__mro__ if kind in _FAILURES)
    found: Explanation = getattr(known.texts.failure, name)
    return found


def _groups(findings: Findings, known: Translation) -> Iterator[Group]:
    """Yield the findings by kind, each in order of days."""
    for kind, total in findings.counts.items():
        yield Group(known.words.finding.of(kind), total, findings.of(kind)[-_SHOWN:])
