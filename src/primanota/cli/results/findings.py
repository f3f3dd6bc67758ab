"""Findings as people see them: one table, what is new in it first, and a line for what can wait or was put away."""

from datetime import tzinfo

from primanota.cli import texts
from primanota.cli.options.context import CommonOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.program import command
from primanota.cli.terminal.tables import Cell, TableColumn, as_many_as_fit
from primanota.cli.texts.language import here, on_stdout, spoken
from primanota.cli.texts.row_texts import row_values
from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.language.reasons import reason_text
from primanota.core.period import Period
from primanota.core.results import CAN_WAIT, KINDS, Finding, Findings, SyncedAccount
from primanota.core.text import clean

# Of each kind the newest rows are shown, with --verbose all.
SOME = 20
# So many columns are shown where the terminal is too narrow for all: the others tell rows apart only rarely.
_ENOUGH = (8, 7, 6)


def print_findings(
    findings: Findings,
    zone: tzinfo,
    days: Period | None = None,
    *,
    verbose: bool = False,
    whole: bool = True,
    common: CommonOptions,
) -> None:
    """Print findings as one table on stdout, days local; one line if there are no findings.

    Args:
        findings: the counts, and the newest rows of each kind.
        zone: the time zone of their days.
        days: the period that they are of; None for all days.
        verbose: show all rows, also of kinds that can wait.
        whole: whether every account was read whole, so that no finding means that there is nothing to look at.
        common: the options of the command, which commands in the sentences repeat.
    """
    words = texts.review()
    writing = on_stdout()
    span = {"first": writing.day(days.first), "last": writing.day(days.last)} if days else {}
    if shown := _shown(findings, verbose=verbose):
        output.result((words.found_in if days else words.found).format(zone=zone, **span))
        rows = [_row(finding, findings.short_ids) for finding in shown]
        output.table(*as_many_as_fit(_columns(), rows, _ENOUGH))
        _print_below(shown, findings, verbose=verbose, common=common)
    if whole and not findings.urgent:
        output.result((words.nothing_in if days else words.nothing).format(**span))
    _print_rest(findings, verbose=verbose, common=common)


def print_other_days(number: int, common: CommonOptions) -> None:
    """Print how many findings there are on other days than those of a period, if there are any."""
    if number:
        output.result(on_stdout().counted(texts.review().of_other_days, number, command=common.command("review")))


def print_accepted(findings: Findings, zone: tzinfo) -> None:
    """Print findings that were put away, with day and note, as one table on stdout; one line if there are none."""
    words = texts.review()
    if not findings.newest:
        output.result(words.none_put_away)
        return
    output.result(words.was_put_away.format(zone=zone))
    names = words.column
    columns = (*_columns()[1:6], TableColumn(names.accepted, "word"), TableColumn(names.note, "text"))
    output.table(columns, (_accepted_row(finding, findings.short_ids, zone) for finding in findings.newest))


def print_named(text: str, findings: Findings) -> None:
    """Print a sentence for each row of some findings; it has placeholders for what the row is known by."""
    by_row: dict[str, list[Finding]] = {}
    for finding in findings.newest:
        by_row.setdefault(finding.transaction.id, []).append(finding)
    for key, found in by_row.items():
        reasons = ", ".join(dict.fromkeys(map(_reason, found)))
        output.result(text.format(reasons=reasons, **row_values(found[0].transaction, findings.short_ids[key])))


def print_vanished(done: SyncedAccount) -> None:
    """Print a sentence for each row of an account that the bank no longer shows, as a sync found it."""
    words, name = texts.review(), done.account.name
    for key, (short_id, row) in done.gone.items():
        text = words.released if key in done.released else words.vanished
        output.result(text.format(account=name, command=command("review"), **row_values(row, short_id)))


def _shown(findings: Findings, *, verbose: bool) -> list[Finding]:
    """Return the findings of the table: first what is new, then by kind, and the newest first."""
    kinds = [kind for kind in findings.counts if verbose or kind not in CAN_WAIT]
    rows = [row for kind in kinds for row in reversed(findings.of(kind) if verbose else findings.of(kind)[-SOME:])]
    return sorted(rows, key=lambda finding: (not finding.is_new, KINDS.index(finding.kind)))


def _columns() -> tuple[TableColumn, ...]:
    names = texts.review().column
    return (
        TableColumn(names.new, "word"),
        TableColumn(names.id, "word"),
        TableColumn(names.reason, "text"),
        TableColumn(names.day, "word"),
        TableColumn(names.counterparty),
        TableColumn(names.amount, "amount"),
        TableColumn(names.account),
        TableColumn(names.reference, "text"),
        TableColumn(names.member),
    )


def _row(finding: Finding, short_ids: dict[str, str]) -> tuple[Cell, ...]:
    row, mark = finding.transaction, texts.review().is_new if finding.is_new else ""
    head = (mark, short_ids[row.id], _reason(finding), finding.day)
    return *head, clean(row.party), row.amount, finding.account.name, clean(row.reference), row.member


def _accepted_row(finding: Finding, short_ids: dict[str, str], zone: tzinfo) -> tuple[Cell, ...]:
    accepted = finding.accepted
    made = accepted.made.astimezone(zone).date() if accepted else ""
    return *_row(finding, short_ids)[1:6], made, clean(accepted.note) if accepted else ""


def _reason(finding: Finding) -> str:
    return reason_text(finding.reason, spoken())


def _print_below(shown: list[Finding], findings: Findings, *, verbose: bool, common: CommonOptions) -> None:
    """Print what the table has no room for: what changed, which rows it leaves out, and how to put one away."""
    words = texts.review()
    changed = [finding for finding in shown if finding.changes]
    for finding in changed:
        row = finding.transaction
        named = row_values(row, findings.short_ids[row.id])
        for change in finding.changes:
            cells = {"field": clean(change.name), "was": clean(change.was), "now": clean(change.now)}
            output.result(words.change.format(batch=finding.batch, profile=finding.profile, **named, **cells))
    if changed:
        output.result(words.changes_hint.format(command=common.command("export", "PROFILE", "--changed")))
    many = {kind: count for kind, count in findings.counts.items() if kind not in CAN_WAIT and count > SOME}
    if many and not verbose:
        heading, number = bookkeeping(spoken()).finding, here().number
        counts = ", ".join(f"{heading.of(kind).heading} {number(count)}" for kind, count in many.items())
        every = common.command("review", "--verbose")
        output.result(words.shortened.format(limit=SOME, counts=counts, command=every))
    first = findings.short_ids[shown[0].transaction.id]  # so that it can be typed as it is printed
    output.result(words.accept_hint.format(command=common.command("review", "accept", first)))


def _print_rest(findings: Findings, *, verbose: bool, common: CommonOptions) -> None:
    """Print a line for what can wait, and one for what was put away."""
    words, count = texts.review(), on_stdout().counted
    waiting = {"receipt": words.receipt, "vat": words.vat}
    counts = [count(text, findings.counts[kind]) for kind, text in waiting.items() if kind in findings.counts]
    if counts and not verbose:
        every = common.command("review", "--verbose")
        output.result(words.can_wait.format(counts=", ".join(counts), command=every))
    if findings.accepted:
        output.result(count(words.put_away, findings.accepted, command=common.command("review", "--accepted")))
