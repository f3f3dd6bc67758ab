"""``primanota rules``: which rule takes which row, and what falls through."""

from collections.abc import Iterable, Iterator, Sequence

import click
import msgspec

from primanota.app import flow
from primanota.app.try_rules import Assigned, assigned
from primanota.app.workspace import choose
from primanota.cli import output, period_options
from primanota.cli.context import CommonOptions, common_options
from primanota.cli.period_options import PeriodOptions
from primanota.core.model import Money
from primanota.core.period import Period
from primanota.core.posting_rules import Chart, Rule
from primanota.core.text import clean

_CLEARING = "clearing"
_ROW = ("Rule", "Day", "Account", "Counterparty", "Amount", "Reference")
_MORE = ("Operation", "Category", "Labels", "Member")
_ACCOUNTS = "One account: name, IBAN, its last four characters, or id. May be given more than once."


class Sum(msgspec.Struct, frozen=True):
    """What came in and went out in one currency. Cents."""

    currency: str
    sum_in_cents: int
    sum_out_cents: int

    @property
    def total(self) -> Money:
        """Both together."""
        return Money(self.sum_in_cents + self.sum_out_cents, self.currency)

    def __str__(self) -> str:
        came, went = (Money(cents, self.currency) for cents in (self.sum_in_cents, self.sum_out_cents))
        return f"{came!s} in, {went!s} out"


class Taken(msgspec.Struct, frozen=True):
    """What a rule took: its number, its line in the settings, its conditions. Without a number: what fell through."""

    rule: int | None
    line: int | None
    takes: str
    account: str
    rows: int
    sums: list[Sum]


@click.group()
def rules() -> None:
    """Try the rules that say to which ledger account a row belongs.

    They stand in the settings.

    Example: primanota rules test --period last-month
    """


@rules.command()
@period_options.options
@click.option("--account", "wanted", multiple=True, metavar="A", help=_ACCOUNTS)
@common_options
def test(*, options: PeriodOptions, wanted: tuple[str, ...], door: CommonOptions) -> None:
    """Show which rule takes which row.

    Of the completed rows of a period, or of all: how many each rule takes, and those that fall through to the
    clearing account. The first rule that fits takes a row. With -v, every row. Reads the book only.

    Example: primanota rules test --period last-month
    """
    session = door.session()
    chart, known = session.config.accounting(session.login)
    with session.book() as book, book.reading():
        zone, accounts = session.zone(book), flow.accounts(book)
        days = options.resolve(session.today(zone)) if options.given else None
        rows = list(assigned(book, zone, known, choose(accounts, wanted), days))
    for name in chart.strangers(accounts):
        output.note(f"The settings name an account “{name}” under banks, and there is none.")
    taken = list(_taken(chart, known, session.config.rule_lines(session.login), rows))
    if door.as_json:
        span = {"since": days and days.first, "until": days and days.last}
        output.as_json(
            {"organisation": session.login, **span, "rules": taken, "rows": [_summary(one) for one in rows]}
        )
    else:
        _print(taken, rows, days, verbose=door.verbose)


def _taken(chart: Chart, rules: Iterable[Rule], lines: Iterable[int], rows: Iterable[Assigned]) -> Iterator[Taken]:
    amounts: dict[int | None, list[Money]] = {}
    for one in rows:
        amounts.setdefault(one.rule, []).append(one.row.amount)
    for place, (rule, line) in enumerate(zip(rules, lines, strict=True)):
        own = amounts.get(place, [])
        yield Taken(place + 1, line, str(rule), rule.account, len(own), _sums(own))
    own = amounts.get(None, [])
    yield Taken(None, None, "what is left", chart.clearing, len(own), _sums(own))


def _sums(amounts: Sequence[Money]) -> list[Sum]:
    found = []
    for currency in dict.fromkeys(amount.currency for amount in amounts):
        cents = [amount.cents for amount in amounts if amount.currency == currency]
        came = sum(one for one in cents if one > 0)
        found.append(Sum(currency, came, sum(cents) - came))
    return found


def _print(taken: list[Taken], rows: list[Assigned], days: Period | None, *, verbose: bool) -> None:
    output.result(f"The first rule that fits takes a row ({days or 'all days'}):")
    output.table(("Rule", "Line", "Takes", "Posts to", "Rows", "Sum"), map(_line, taken), right=(1, 4, 5))
    if verbose:
        output.table((*_ROW, *_MORE), ((*_row(one), *_more(one)) for one in rows), right=(4,))
    elif shown := [one for one in rows if one.rule is None]:
        output.result("No rule takes:")
        output.table(_ROW[1:], (_row(one)[1:] for one in shown), right=(3,))
    fallen = taken[-1]
    if fallen.rows:
        output.result(
            f"Falling through to {fallen.account}: {output.rows(fallen.rows)}, {'; '.join(map(str, fallen.sums))}."
        )
    else:
        output.result("Every row has its rule." if rows else "There are no rows.")


def _line(taken: Taken) -> tuple[str, ...]:
    number = _CLEARING if taken.rule is None else str(taken.rule)
    sums = ", ".join(str(one.total) for one in taken.sums)
    return number, str(taken.line or ""), taken.takes, taken.account, str(taken.rows), sums


def _row(one: Assigned) -> tuple[str, ...]:
    row, number = one.row, _CLEARING if one.rule is None else str(one.rule + 1)
    return number, f"{row.day}", one.account.name, clean(row.counterparty), str(row.amount), clean(row.reference)


def _more(one: Assigned) -> tuple[str, ...]:
    """What else conditions look at."""
    row = one.row
    return row.operation, row.category, ", ".join(row.labels), row.member


def _summary(one: Assigned) -> dict[str, object]:
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
