"""``primanota rules``: show which posting rule matches which row, and which rows no rule matches."""

from collections.abc import Iterable, Iterator, Sequence

import click
import msgspec

from primanota.app.exporting.selection import choose_accounts
from primanota.app.reviewing.try_rules import RuleMatch, match_rules
from primanota.book import Book
from primanota.cli import texts
from primanota.cli.options import period as period_options
from primanota.cli.options.accounts import accounts_option
from primanota.cli.options.context import CommonOptions, common_options
from primanota.cli.options.period import PeriodOptions
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import selection_text, sums_text
from primanota.cli.terminal.tables import Cell, TableColumn
from primanota.cli.texts.language import on_stdout
from primanota.core.model import Account, Money
from primanota.core.period import Period
from primanota.core.posting_rules import Chart, Rule
from primanota.core.results import Sum
from primanota.core.text import clean


class RuleSummary(msgspec.Struct, frozen=True):
    """A rule: its number, its line in the settings, its conditions, and its rows; number None for all other rows."""

    rule: int | None
    line: int | None
    takes: str
    account: str
    rows: int
    sums: list[Sum]


@click.group()
def rules() -> None:
    """Try the rules that assign rows to ledger accounts.

    The rules are part of the settings.

    Example: primanota rules test --period last-month
    """


@rules.command()
@period_options.options
@accounts_option
@common_options
def test(*, options: PeriodOptions, wanted: tuple[str, ...], common: CommonOptions) -> None:
    """Show which rule matches which row.

    Of the completed rows of a period, or of all: how many rows each rule matches, and the rows that no rule matches,
    which go to the clearing account. The first rule that matches applies. With -v, every row. Only reads the book.

    Example: primanota rules test --period last-month
    """
    workspace = common.workspace()
    chart, known = workspace.config.accounting(workspace.login)

    def match(book: Book) -> tuple[list[Account], Period | None, list[RuleMatch]]:
        with book.reading():
            journal = workspace.journal(book)
            accounts = journal.accounts()
            days = options.resolve(workspace.calendar(journal)) if options.given else None
            return accounts, days, list(match_rules(journal, known, choose_accounts(accounts, wanted), days))

    accounts, days, rows = workspace.transaction(match)
    for name in chart.unknown_banks(accounts):
        output.note(f"There is no account “{name}”, which the settings name under banks.")
    summaries = list(_summaries(chart, known, workspace.config.rule_lines(workspace.login), rows))
    if common.as_json:
        span = {"since": days and days.first, "until": days and days.last}
        output.as_json(
            {"organisation": workspace.login, **span, "rules": summaries, "rows": [_summary(one) for one in rows]}
        )
    else:
        _print(summaries, rows, days, verbose=common.verbose)


def _summaries(
    chart: Chart, rules: Iterable[Rule], lines: Iterable[int], rows: Iterable[RuleMatch]
) -> Iterator[RuleSummary]:
    amounts: dict[int | None, list[Money]] = {}
    for one in rows:
        amounts.setdefault(one.rule, []).append(one.row.amount)
    for place, (rule, line) in enumerate(zip(rules, lines, strict=True)):
        own = amounts.get(place, [])
        yield RuleSummary(place + 1, line, str(rule), rule.account, len(own), _sums(own))
    own = amounts.get(None, [])
    yield RuleSummary(None, None, "all other rows", chart.clearing, len(own), _sums(own))


def _sums(amounts: Sequence[Money]) -> list[Sum]:
    found = []
    for currency in dict.fromkeys(amount.currency for amount in amounts):
        cents = [amount.cents for amount in amounts if amount.currency == currency]
        came = sum(one for one in cents if one > 0)
        found.append(Sum(currency, came, sum(cents) - came))
    return found


def _print(summaries: list[RuleSummary], rows: list[RuleMatch], days: Period | None, *, verbose: bool) -> None:
    words, writing = texts.upkeep().rules, on_stdout()
    output.result(words.head_of_days.format(days=selection_text(days, writing)) if days else words.head)
    output.table(_summary_columns(), map(_line, summaries))
    if verbose:
        output.table((*_row_columns(), *_more_columns()), ((*_row(one), *_more(one)) for one in rows))
    elif shown := [one for one in rows if one.rule is None]:
        output.result(words.no_rule)
        output.table(_row_columns()[1:], (_row(one)[1:] for one in shown))
    others = summaries[-1]
    if others.rows:
        money = sums_text(others.sums, writing)
        output.result(writing.counted(words.to_clearing, others.rows, account=others.account, money=money))
    else:
        output.result(words.all_match if rows else words.no_rows)


def _summary_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.rule, "word"),
        TableColumn(words.line, "number"),
        TableColumn(words.matches, "text"),
        TableColumn(words.posts_to),
        TableColumn(words.rows, "number"),
        TableColumn(words.sum, "amount"),
    )


def _row_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return (
        TableColumn(words.rule, "word"),
        TableColumn(words.day, "word"),
        TableColumn(words.account),
        TableColumn(words.counterparty),
        TableColumn(words.amount, "amount"),
        TableColumn(words.reference, "text"),
    )


def _more_columns() -> tuple[TableColumn, ...]:
    words = texts.tables().heading
    return tuple(map(TableColumn, (words.operation, words.category, words.labels, words.member)))


def _line(summary: RuleSummary) -> tuple[Cell, ...]:
    words, sums = texts.tables().word, tuple(one.total for one in summary.sums)
    if summary.rule is None:
        return words.clearing, "", words.all_other_rows, summary.account, str(summary.rows), sums
    return str(summary.rule), str(summary.line or ""), summary.takes, summary.account, str(summary.rows), sums


def _row(one: RuleMatch) -> tuple[Cell, ...]:
    row, number = one.row, texts.tables().word.clearing if one.rule is None else str(one.rule + 1)
    return number, row.day, one.account.name, clean(row.counterparty), row.amount, clean(row.reference)


def _more(one: RuleMatch) -> tuple[str, ...]:
    """Return the other fields that conditions may use."""
    row = one.row
    return row.operation, row.category, ", ".join(row.labels), row.member


def _summary(one: RuleMatch) -> dict[str, object]:
    row = one.row
    return {
        "id": row.id,
        "rule": None if one.rule is None else one.rule + 1,
        "day": row.day,
        "account": one.account.name,
        "counterparty": row.counterparty,
        "amount_cents": row.amount.cents,
        "currency": row.amount.currency,
        "reference": row.reference,
        "operation": row.operation,
        "category": row.category,
        "labels": row.labels,
        "member": row.member,
    }
