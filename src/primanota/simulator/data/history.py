"""The company's past: a stream of facts, from the seed and the opening clock alone."""

from collections.abc import Iterator
from itertools import chain

from primanota.simulator.data.company import EXTERNAL, MAIN, OLD, SAVINGS
from primanota.simulator.data.edge_cases import curiosities
from primanota.simulator.data.operation_kinds import KIND_LIST, NUMBER, WEIGHTS
from primanota.simulator.data.timestamps import DAY
from primanota.simulator.data.transaction_facts import SPAN, Fact, Scribe

WITH_CURIOSITIES = 120  # rows from which one of everything is promised
WITH_MASS_EDIT = 400  # rows from which one edit has touched more than a page
_MASS = 120
_MASS_AGE = 20 * DAY
_OLD_ENDS = 0.3  # the closed account's share of the span

_POOLS = {
    MAIN: tuple(NUMBER[name] for name, weight in WEIGHTS.items() for _ in range(weight)),
    SAVINGS: tuple(NUMBER[name] for name in ("income", "transfer", "transfer", "remuneration")),
    OLD: tuple(NUMBER[name] for name in ("income", "transfer", "card", "direct-debit")),
    EXTERNAL: tuple(NUMBER[name] for name in ("external-in", "external-out")),
}
_DAYS = tuple(int(kind.days * DAY) for kind in KIND_LIST)
_TRANSFER = NUMBER["transfer"]


def history(size: int, seed: int, now: int) -> Iterator[Fact]:
    """Exactly `size` facts, not in the order of time. With enough of them, one of everything comes first."""
    scribe = Scribe(seed, now)
    special = list(curiosities(scribe)) if size >= WITH_CURIOSITIES else []
    rows = chain(special, _ordinary(scribe, size - len(special)))
    return _mass_edited(rows, now) if size >= WITH_MASS_EDIT else rows


def _ordinary(scribe: Scribe, size: int) -> Iterator[Fact]:
    """`size` everyday rows, spread evenly over the span; one in a hundred begins a batch that settles at once."""
    rng = scribe.rng
    created = scribe.start
    place = 0
    while place < size:
        if rng.random() > 0.03:  # noqa: PLR2004 - a few rows share their moment of creation
            created = scribe.start + int((place + rng.random()) * SPAN / size)
        if rng.random() < 0.01:  # noqa: PLR2004 - one in a hundred
            length = min(rng.randrange(3, 9), size - place)
            yield from _batch(scribe, created, length)
            place += length
        else:
            yield _everyday(scribe, place / size, created)
            place += 1


def _batch(scribe: Scribe, created: int, length: int) -> Iterator[Fact]:
    """Transfers that were sent together: created in one millisecond and settled in another."""
    settles = created + int(scribe.rng.random() * _DAYS[_TRANSFER])
    for _ in range(length):
        yield scribe.booked(MAIN, _TRANSFER, scribe.cents(_TRANSFER), created, settles)


def _everyday(scribe: Scribe, elapsed: float, created: int) -> Fact:
    rng = scribe.rng
    account = _account(rng.random(), elapsed)
    pool = _POOLS[account]
    kind = scribe.needed(account, pool[int(rng.random() * len(pool))])
    cents = scribe.cents(kind)
    luck = rng.random()
    if luck < 0.015:  # noqa: PLR2004 - declined, three in two hundred
        return scribe.declined(account, kind, cents, created)
    weeks = (20 + rng.random() * 20) * DAY if luck > 0.997 else 0  # noqa: PLR2004 - late, three in a thousand
    return scribe.booked(account, kind, cents, created, created + int(rng.random() * _DAYS[kind] + weeks))


def _account(roll: float, elapsed: float) -> int:
    """Most rows are the main account's; the closed one has none after its end."""
    if roll < 0.86:  # noqa: PLR2004 - shares of the accounts
        return MAIN
    if roll < 0.94:  # noqa: PLR2004 - shares of the accounts
        return SAVINGS
    if roll < 0.97:  # noqa: PLR2004 - shares of the accounts
        return OLD if elapsed < _OLD_ENDS else SAVINGS
    return EXTERNAL


def _mass_edited(rows: Iterator[Fact], now: int) -> Iterator[Fact]:
    """The same rows, 120 settled ones of the main account with one identical `updated`."""
    moment = now - _MASS_AGE
    left = _MASS
    for row in rows:
        if left and row.account == MAIN and row.due is None and row.settled and row.settled < moment:
            left -= 1
            yield row._replace(updated=moment)
        else:
            yield row
