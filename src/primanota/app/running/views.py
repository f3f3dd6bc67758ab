"""Views of a run: typed structs for ``--json``, tables and Lambda, which msgspec encodes. Amounts are cents."""

from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from primanota.app.running.organisation_run import OrganisationRun
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.core.errors import PrimanotaError
from primanota.core.language.reasons import reason_text
from primanota.core.model import TextChanges
from primanota.core.period import Period
from primanota.core.proof_state import State
from primanota.core.results import AccountExport, Batch, Delivery, Difference, Finding, Findings, SyncedAccount
from primanota.core.selection import New, Selection


class ErrorView(msgspec.Struct, frozen=True):
    """An error: its message, its hint, and its exit code."""

    error: str
    hint: str
    exit_code: int


class OrganisationView(msgspec.Struct, frozen=True):
    """An organisation's run among several; ``error`` is what ended it, None if it is done."""

    organisation: str
    company: str
    state: str
    rows: int
    proof: State | None
    to_review: int
    repeated: bool
    error: ErrorView | None
    accounts: list["SyncedAccountView"]
    files: list["FileView"]


class SyncedAccountView(msgspec.Struct, frozen=True):
    """An account after a sync."""

    account: str
    iban: str
    new: int
    changed: int
    rows: int | None
    balance_cents: int | None
    proven: bool | None
    proof: State
    reasons: list[str]
    vanished: list[str]
    released: list[str]


class AcceptanceView(msgspec.Struct, frozen=True):
    """When a finding was put away (local time), and the note of the person."""

    made: datetime
    note: str


class FindingView(msgspec.Struct, frozen=True):
    """A row that the user should look at. ``updated`` is local time."""

    id: str
    kind: str
    reason: str
    day: date
    account: str
    updated: datetime
    counterparty: str
    amount_cents: int
    currency: str
    reference: str
    member: str
    batch: int | None
    profile: str | None
    changes: list[Difference]
    new: bool
    accepted: AcceptanceView | None


class FindingCountView(msgspec.Struct, frozen=True):
    """How many findings of a kind there are."""

    kind: str
    rows: int


class NewestFindingsView(msgspec.Struct, frozen=True):
    """The newest findings of each kind, and how many of each there are."""

    findings: list[FindingView]
    finding_counts: list[FindingCountView]


class DeliveryView(msgspec.Struct, frozen=True):
    """A destination of a file: its kind, when the file arrived (UTC), or why it has not."""

    kind: str
    destination: str
    delivered: datetime | None
    reason: str


class EarlierRowsView(msgspec.Struct, frozen=True):
    """How many rows of a file are in an earlier batch."""

    batch: int
    rows: int


class FileView(msgspec.Struct, frozen=True):
    """An exported file; without ``batch`` an account that has nothing to export."""

    account: str
    iban: str
    path: str | None
    deliveries: list[DeliveryView]
    batch: int | None
    rows: int
    currency: str
    sum_in_cents: int
    sum_out_cents: int
    opening_cents: int | None
    closing_cents: int | None
    proven: bool | None
    proof: State
    text_changes: TextChanges
    skipped_zero_rows: int
    already_exported: list[EarlierRowsView]


class ExportView(msgspec.Struct, frozen=True):
    """The result of an export."""

    profile: str
    selection: str
    since: date | None
    until: date | None
    files: list[FileView]
    recovered: list[str]
    unsent: list[str]


class RunSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """The result of a run in numbers; ``failure`` is the class name of the error that ended it.

    ``state`` is ``done``, ``empty``, ``repeated``, or ``act`` if the user must act.
    """

    state: str
    run_key: str
    profile: str
    files: int
    rows: int
    unsent: int
    failure: str | None = None
    exit_code: int | None = None


def error_view(error: PrimanotaError) -> ErrorView:
    """Return the view of an error."""
    return ErrorView(error.message, error.hint, error.exit_code)


def organisation_view(done: OrganisationRun) -> OrganisationView:
    """Return the view of an organisation's run among several."""
    report = done.report
    return OrganisationView(
        organisation=done.login,
        company=done.name,
        state=done.shown_state,
        rows=done.rows,
        proof=done.proof,
        to_review=done.to_review,
        repeated=done.repeated,
        error=error_view(done.error) if done.error else None,
        accounts=list(map(synced_view, report.synced)) if report else [],
        files=[view for one in report.exports for view in file_views(one)] if report else [],
    )


def synced_view(done: SyncedAccount) -> SyncedAccountView:
    """Return the view of a synced account."""
    return SyncedAccountView(
        account=done.account.name,
        iban=done.account.iban,
        new=done.counts.new,
        changed=done.counts.changed,
        rows=done.proof.rows if done.proof else None,
        balance_cents=done.proof.closing if done.proof else None,
        proven=done.verdict,
        proof=done.found.state,
        reasons=done.reasons,
        vanished=done.vanished,
        released=done.released,
    )


def finding_view(finding: Finding) -> FindingView:
    """Return the view of a finding."""
    row = finding.transaction
    return FindingView(
        id=row.id,
        kind=finding.kind,
        reason=reason_text(finding.reason),
        day=finding.day,
        account=finding.account.name,
        updated=row.updated,
        counterparty=row.counterparty,
        amount_cents=row.amount.cents,
        currency=row.amount.currency,
        reference=row.reference,
        member=row.member,
        batch=finding.batch,
        profile=finding.profile or None,
        changes=finding.changes,
        new=finding.is_new,
        accepted=acceptance_view(finding),
    )


def acceptance_view(finding: Finding) -> AcceptanceView | None:
    """Return the view of how a finding was put away; None if it was not."""
    one = finding.accepted
    return AcceptanceView(one.made.astimezone(finding.transaction.emitted.tzinfo), one.note) if one else None


def newest_findings_view(found: Findings) -> NewestFindingsView:
    """Return the view of the newest findings of each kind."""
    counts = [FindingCountView(kind, rows) for kind, rows in found.counts.items()]
    return NewestFindingsView([finding_view(finding) for finding in found.newest], counts)


def file_views(done: AccountExport) -> list[FileView]:
    """Return a view of each of an account's files; of the account alone, where there is no file."""
    return [_file_view(done, batch) for batch in done.batches or (None,)]


def export_view(profile: str, report: RunReport) -> ExportView:
    """Return the view of an export."""
    since, until = _days(report.selection)
    return ExportView(
        profile=profile,
        selection=str(report.selection),
        since=since,
        until=until,
        files=[view for one in report.exports for view in file_views(one)],
        recovered=[str(one.batch.path) for one in report.recovered if one.in_place],
        unsent=[error.message for error in report.unsent],
    )


def run_summary(report: RunReport, request: RunRequest) -> RunSummary:
    """Return the summary of a run, without names and amounts."""
    failure = report.failure
    return RunSummary(
        state="act" if failure else "repeated" if report.repeated else "done" if report.rows else "empty",
        run_key=request.run_key,
        profile=request.tool.name,
        files=sum(len(one.batches) for one in report.exports),
        rows=report.rows,
        unsent=len(report.unsent),
        failure=type(failure).__name__ if failure else None,
        exit_code=failure.exit_code if failure else None,
    )


def joined(*views: msgspec.Struct | dict[str, Any]) -> dict[str, Any]:
    """Return several views as one JSON object."""
    return {key: value for view in views for key, value in _items(view).items()}


def _items(view: msgspec.Struct | dict[str, Any]) -> dict[str, Any]:
    return view if isinstance(view, dict) else msgspec.structs.asdict(view)


def _file_view(done: AccountExport, batch: Batch | None) -> FileView:
    ends = batch or done.span
    return FileView(
        account=done.account.name,
        iban=done.account.iban,
        path=str(batch.path) if batch and batch.path else None,
        deliveries=list(map(delivery_view, batch.deliveries)) if batch else [],
        batch=batch.number if batch else None,
        rows=batch.rows if batch else 0,
        currency=done.account.currency,
        sum_in_cents=batch.sum_in if batch else 0,
        sum_out_cents=batch.sum_out if batch else 0,
        opening_cents=ends.opening,
        closing_cents=ends.closing,
        proven=ends.proven,
        proof=batch.proof_state if batch else done.span.proof,
        text_changes=done.text_changes.get(batch.number, []) if batch else [],
        skipped_zero_rows=done.span.skipped_zero_rows,
        already_exported=[EarlierRowsView(number, rows) for number, rows in done.already_exported.items()],
    )


def delivery_view(one: Delivery) -> DeliveryView:
    """Return the view of a delivery."""
    return DeliveryView(one.kind, one.destination, one.delivered, one.reason)


def _days(selection: Selection | None) -> tuple[date | None, date | None]:
    match selection:
        case New(since=since, end=end):
            return since, end and end - timedelta(1)
        case Period(first=first, last=last):
            return first, last
    return None, None
