"""The edge cases of a bank account: at least one of each kind of transaction that programs often get wrong."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from primanota.simulator.data.company import CLOSED, EXTERNAL, MAIN, SAVINGS
from primanota.simulator.data.operation_kinds import KIND_NUMBERS, PENDING
from primanota.simulator.data.timestamps import DAY, HOUR, MINUTE, SECOND, to_datetime, to_milliseconds
from primanota.simulator.data.transaction import (
    COMPLETES_WITH_OTHER_AMOUNT,
    GETS_ATTACHMENT,
    IS_DECLINED,
    SimulatedTransaction,
)
from primanota.simulator.data.transaction_generator import TransactionGenerator

_TEXT_VARIANTS = 14  # incomes and transfers in a row, so that every name and reference is used
_FEE_MONTHS = 13
_FEE_CENTS = 2_900
_SUNDAY = 6
_INVOICE_DELAY = 31 * DAY


def edge_cases(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield fewer than a hundred transactions, nearly all of the main account."""
    yield from _every_text(generator)
    yield from _every_kind(generator)
    yield from _internal_transfers(generator)
    yield from _unusual_times(generator)
    yield from _pending(generator)
    yield from _monthly_fees(generator)


def _every_text(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield an opening deposit, then incomes and one batch of transfers."""
    income, transfer = KIND_NUMBERS["income"], KIND_NUMBERS["transfer"]
    created = generator.start + 5 * MINUTE
    yield generator.booked(MAIN, income, 25_000_000, created, created)
    for place in range(_TEXT_VARIANTS):
        moment = generator.start + (place + 1) * 9 * DAY + place * HOUR
        yield generator.booked(MAIN, income, generator.random_cents(income), moment, moment)
    sent = generator.now - 100 * DAY
    for _ in range(_TEXT_VARIANTS):
        yield generator.booked(MAIN, transfer, generator.random_cents(transfer), sent, sent + HOUR + 233)


def _every_kind(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield one transaction of each kind, a declined one, a cheque that settles late, and two of another bank."""
    names = ("card", "card-usd", "card-gbp", "card-jpy", "card-refund", "card-check", "direct-debit", "cheque")
    more = ("recall", "remuneration", "instalment", "pagopa", "swift-income", "future")
    for place, name in enumerate(names + more):
        created = generator.now - (60 + 11 * place) * DAY
        kind = KIND_NUMBERS[name]
        yield generator.booked(MAIN, kind, generator.random_cents(kind), created, created + 2 * HOUR + 17)
    created = generator.now - 35 * DAY
    yield generator.declined(MAIN, KIND_NUMBERS["transfer"], 123_456, created)
    late = generator.now - 70 * DAY
    yield generator.booked(MAIN, KIND_NUMBERS["cheque"], 77_700, late, late + 33 * DAY)
    for place, name in enumerate(("external-in", "external-out")):
        moment = generator.now - (40 + place) * DAY
        yield generator.booked(EXTERNAL, KIND_NUMBERS[name], 250_000 - 1_001 * place, moment, moment)


def _internal_transfers(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield transfers between own accounts, booked on both in the same millisecond; and those of a closed account."""
    for age in (45, 190):
        moment = generator.now - age * DAY
        yield generator.booked(MAIN, KIND_NUMBERS["internal-out"], 500_000, moment, moment)
        yield generator.booked(SAVINGS, KIND_NUMBERS["internal-in"], 500_000, moment, moment)
    for place, name in enumerate(("income", "transfer", "card")):
        moment = generator.start + (3 + 20 * place) * DAY
        yield generator.booked(CLOSED, KIND_NUMBERS[name], 90_000 - 20_001 * place, moment, moment + HOUR)


def _unusual_times(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield card payments settled around both clock changes and at the end of the year."""
    kind = KIND_NUMBERS["card"]
    for moment in _clock_changes_and_year_ends(generator.start, generator.now):
        if generator.start < moment < generator.now:
            yield generator.booked(MAIN, kind, generator.random_cents(kind), moment - 20 * HOUR, moment)


def _clock_changes_and_year_ends(start: int, now: int) -> Iterator[int]:
    """Yield times in UTC: 31 December 23:30, and around 01:00 in the nights of Berlin's two clock changes."""
    for year in range(to_datetime(start).year, to_datetime(now).year + 1):
        yield _utc(year, 12, 31, 23) + 30 * MINUTE
        for month in (3, 10):
            change = _utc(year, month, _last_sunday(year, month), 1)
            yield from (change - 30 * MINUTE, change - 1, change, change + 30 * MINUTE)


def _utc(year: int, month: int, day: int, hour: int = 0) -> int:
    return to_milliseconds(datetime.fromisoformat(f"{year}-{month:02d}-{day:02d}T{hour:02d}:00:00+00:00"))


def _last_sunday(year: int, month: int) -> int:
    last = datetime.fromisoformat(f"{year}-{month:02d}-31T00:00:00+00:00")
    return (last - timedelta(days=(last.weekday() - _SUNDAY) % 7)).day


def _pending(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield one that completes with another amount, one that is declined, and one that stays pending forever."""
    card = KIND_NUMBERS["card"]
    yesterday = generator.now - 26 * HOUR

    def pending(cents: int, created: int, due: int | None, outcome: int | None) -> SimulatedTransaction:
        times = (created, created - 81, None, created)
        return SimulatedTransaction(MAIN, card, PENDING, -cents, *times, 0, due, outcome)

    yield pending(4_200, yesterday, generator.now + 30 * HOUR, COMPLETES_WITH_OTHER_AMOUNT)
    yield pending(9_900, yesterday + MINUTE, generator.now + 49 * HOUR, IS_DECLINED)
    yield pending(55_555, generator.now - 200 * DAY, None, None)


def _monthly_fees(generator: TransactionGenerator) -> Iterator[SimulatedTransaction]:
    """Yield the bank's monthly fees. The invoice of each is attached a month later and changes `updated`."""
    year, month = to_datetime(generator.now).year, to_datetime(generator.now).month
    for months_ago in range(_FEE_MONTHS):
        years, month_index = divmod(month - 1 - months_ago, 12)
        moment = _utc(year + years, month_index + 1, 1) + 3 * MINUTE + 46 * SECOND + 233
        if moment <= generator.now:
            yield _monthly_fee(generator, moment)


def _monthly_fee(generator: TransactionGenerator, moment: int) -> SimulatedTransaction:
    fee = generator.booked(MAIN, KIND_NUMBERS["fee"], _FEE_CENTS, moment, moment)
    invoiced = moment + _INVOICE_DELAY
    if invoiced <= generator.now:
        return fee._replace(updated=invoiced, attachments=1)
    return fee._replace(due=invoiced, outcome=GETS_ATTACHMENT, updated=moment + 66, attachments=0)
