"""One of everything that is hard about a bank account: the rows that careless programs stumble over."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from primanota.simulator.data.company import EXTERNAL, MAIN, OLD, SAVINGS
from primanota.simulator.data.operation_kinds import NUMBER, PENDING
from primanota.simulator.data.timestamps import DAY, HOUR, MINUTE, SECOND, millis, moment_of
from primanota.simulator.data.transaction_facts import COMPLETES_OTHERWISE, GETS_RECEIPT, IS_DECLINED, Fact, Scribe

_GALLERY = 14  # incomes and transfers in a row, so that every name and reference is seen
_MONTHS = 13
_FEE = 2_900
_SUNDAY = 6
_RECEIPT_LATE = 31 * DAY


def curiosities(scribe: Scribe) -> Iterator[Fact]:
    """Fewer than a hundred facts, nearly all of the main account."""
    yield from _gallery(scribe)
    yield from _one_of_each(scribe)
    yield from _twins(scribe)
    yield from _moments(scribe)
    yield from _waiting(scribe)
    yield from _fees(scribe)


def _gallery(scribe: Scribe) -> Iterator[Fact]:
    """An opening deposit, then incomes and one batch of transfers."""
    created = scribe.start + 5 * MINUTE
    yield scribe.booked(MAIN, NUMBER["income"], 25_000_000, created, created)
    for place in range(_GALLERY):
        moment = scribe.start + (place + 1) * 9 * DAY + place * HOUR
        yield scribe.booked(MAIN, NUMBER["income"], scribe.cents(NUMBER["income"]), moment, moment)
    sent = scribe.now - 100 * DAY
    for _ in range(_GALLERY):
        yield scribe.booked(MAIN, NUMBER["transfer"], scribe.cents(NUMBER["transfer"]), sent, sent + HOUR + 233)


def _one_of_each(scribe: Scribe) -> Iterator[Fact]:
    names = ("card", "card-usd", "card-gbp", "card-jpy", "card-refund", "card-check", "direct-debit", "cheque")
    more = ("recall", "remuneration", "instalment", "pagopa", "swift-income", "future")
    for place, name in enumerate(names + more):
        created = scribe.now - (60 + 11 * place) * DAY
        kind = NUMBER[name]
        yield scribe.booked(MAIN, kind, scribe.cents(kind), created, created + 2 * HOUR + 17)
    created = scribe.now - 35 * DAY
    yield scribe.declined(MAIN, NUMBER["transfer"], 123_456, created)
    late = scribe.now - 70 * DAY
    yield scribe.booked(MAIN, NUMBER["cheque"], 77_700, late, late + 33 * DAY)
    for place, name in enumerate(("external-in", "external-out")):
        moment = scribe.now - (40 + place) * DAY
        yield scribe.booked(EXTERNAL, NUMBER[name], 250_000 - 1_001 * place, moment, moment)


def _twins(scribe: Scribe) -> Iterator[Fact]:
    """Money moved between two accounts of the company: one row on each, in the same millisecond; a closed account."""
    for age in (45, 190):
        moment = scribe.now - age * DAY
        yield scribe.booked(MAIN, NUMBER["internal-out"], 500_000, moment, moment)
        yield scribe.booked(SAVINGS, NUMBER["internal-in"], 500_000, moment, moment)
    for place, name in enumerate(("income", "transfer", "card")):
        moment = scribe.start + (3 + 20 * place) * DAY
        yield scribe.booked(OLD, NUMBER[name], 90_000 - 20_001 * place, moment, moment + HOUR)


def _moments(scribe: Scribe) -> Iterator[Fact]:
    """Rows settled where local days are odd: around both changes of the clock, and at the end of the year."""
    kind = NUMBER["card"]
    for moment in _odd_moments(scribe.start, scribe.now):
        if scribe.start < moment < scribe.now:
            yield scribe.booked(MAIN, kind, scribe.cents(kind), moment - 20 * HOUR, moment)


def _odd_moments(start: int, now: int) -> Iterator[int]:
    """UTC: 23:30 on 31 December, and the hours before, in and after 02:00-03:00 of Berlin's two odd nights."""
    for year in range(moment_of(start).year, moment_of(now).year + 1):
        yield _utc(year, 12, 31, 23) + 30 * MINUTE
        for month in (3, 10):
            change = _utc(year, month, _last_sunday(year, month), 1)
            yield from (change - 30 * MINUTE, change - 1, change, change + 30 * MINUTE)


def _utc(year: int, month: int, day: int, hour: int = 0) -> int:
    return millis(datetime.fromisoformat(f"{year}-{month:02d}-{day:02d}T{hour:02d}:00:00+00:00"))


def _last_sunday(year: int, month: int) -> int:
    last = datetime.fromisoformat(f"{year}-{month:02d}-31T00:00:00+00:00")
    return (last - timedelta(days=(last.weekday() - _SUNDAY) % 7)).day


def _waiting(scribe: Scribe) -> Iterator[Fact]:
    """Pending rows: one that completes with another amount, one that is declined, one that waits for ever."""
    card = NUMBER["card"]
    created = scribe.now - 26 * HOUR

    def pending(cents: int, born: int, due: int | None, fate: int | None) -> Fact:
        return Fact(MAIN, card, PENDING, -cents, born, born - 81, None, born, 0, due, fate)

    yield pending(4_200, created, scribe.now + 30 * HOUR, COMPLETES_OTHERWISE)
    yield pending(9_900, created + MINUTE, scribe.now + 49 * HOUR, IS_DECLINED)
    yield pending(55_555, scribe.now - 200 * DAY, None, None)


def _fees(scribe: Scribe) -> Iterator[Fact]:
    """The bank's monthly fee; its invoice arrives a month later and bumps `updated`."""
    year, month = moment_of(scribe.now).year, moment_of(scribe.now).month
    for back in range(_MONTHS):
        years, zero_based = divmod(month - 1 - back, 12)
        moment = _utc(year + years, zero_based + 1, 1) + 3 * MINUTE + 46 * SECOND + 233
        if moment <= scribe.now:
            yield _fee(scribe, moment)


def _fee(scribe: Scribe, moment: int) -> Fact:
    fee = scribe.booked(MAIN, NUMBER["fee"], _FEE, moment, moment)
    arrives = moment + _RECEIPT_LATE
    if arrives <= scribe.now:
        return fee._replace(updated=arrives, receipts=1)
    return fee._replace(due=arrives, fate=GETS_RECEIPT, updated=moment + 66, receipts=0)
