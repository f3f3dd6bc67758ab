"""The company's past: a stream of transactions that follows from the seed and the time of its end alone."""

from collections.abc import Iterator
from itertools import chain

from primanota.simulator.data.company import CLOSED, EXTERNAL, MAIN, SAVINGS
from primanota.simulator.data.edge_cases import edge_cases
from primanota.simulator.data.operation_kinds import KIND_NUMBERS, KINDS, WEIGHTS
from primanota.simulator.data.timestamps import DAY
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.data.transaction_generator import SPAN, TransactionGenerator

_MIN_SIZE_FOR_EDGE_CASES = 120  # the smallest history that has every edge case
_MIN_SIZE_FOR_MASS_EDIT = 400  # the smallest history in which one edit changed more than a page
_MASS_EDIT_SIZE = 120
_MASS_EDIT_AGE = 20 * DAY
_CLOSED_AFTER = 0.3  # the share of the span after which the closed account has no more transactions

KINDS_BY_ACCOUNT = {
    MAIN: tuple(KIND_NUMBERS[name] for name, weight in WEIGHTS.items() for _ in range(weight)),
    SAVINGS: tuple(KIND_NUMBERS[name] for name in ("income", "transfer", "transfer", "remuneration")),
    CLOSED: tuple(KIND_NUMBERS[name] for name in ("income", "transfer", "card", "direct-debit")),
    EXTERNAL: tuple(KIND_NUMBERS[name] for name in ("external-in", "external-out")),
}
MAX_SETTLEMENT_TIMES = tuple(int(kind.days * DAY) for kind in KINDS)
_TRANSFER = KIND_NUMBERS["transfer"]


def generate_history(size: int, seed: int, now: int) -> Iterator[SimulatedTransaction]:
    """Yield exactly `size` transactions until `now`, not in the order of time.

    The edge cases come first if there is room.
    """
    generator = TransactionGenerator(seed, now)
    special = list(edge_cases(generator)) if size >= _MIN_SIZE_FOR_EDGE_CASES else []
    history = chain(special, _ordinary(generator, size - len(special)))
    return _mass_edited(history, now) if size >= _MIN_SIZE_FOR_MASS_EDIT else history


def _ordinary(generator: TransactionGenerator, size: int) -> Iterator[SimulatedTransaction]:
    """Yield `size` ordinary transactions, spread evenly over the span; one in a hundred starts a batch."""
    rng = generator.rng
    created = generator.start
    position = 0
    while position < size:
        if rng.random() > 0.03:  # noqa: PLR2004 - three in a hundred share the creation time of the one before
            created = generator.start + int((position + rng.random()) * SPAN / size)
        if rng.random() < 0.01:  # noqa: PLR2004 - one in a hundred
            length = min(rng.randrange(3, 9), size - position)
            yield from _batch(generator, created, length)
            position += length
        else:
            yield _ordinary_transaction(generator, position / size, created)
            position += 1


def _batch(generator: TransactionGenerator, created: int, length: int) -> Iterator[SimulatedTransaction]:
    """Yield transfers that were sent together: created in one millisecond and settled in another."""
    settles = created + int(generator.rng.random() * MAX_SETTLEMENT_TIMES[_TRANSFER])
    for _ in range(length):
        yield generator.booked(MAIN, _TRANSFER, generator.random_cents(_TRANSFER), created, settles)


def _ordinary_transaction(generator: TransactionGenerator, elapsed: float, created: int) -> SimulatedTransaction:
    rng = generator.rng
    account = pick_account(rng.random(), elapsed)
    kinds = KINDS_BY_ACCOUNT[account]
    kind = generator.affordable_kind(account, kinds[int(rng.random() * len(kinds))])
    cents = generator.random_cents(kind)
    roll = rng.random()
    if roll < 0.015:  # noqa: PLR2004 - declined, three in two hundred
        return generator.declined(account, kind, cents, created)
    delay = (20 + rng.random() * 20) * DAY if roll > 0.997 else 0  # noqa: PLR2004 - late, three in a thousand
    settles = created + int(rng.random() * MAX_SETTLEMENT_TIMES[kind] + delay)
    return generator.booked(account, kind, cents, created, settles)


def pick_account(roll: float, elapsed: float) -> int:
    """Return the account of a transaction: mostly the main one, never the closed one after its end."""
    if roll < 0.86:  # noqa: PLR2004 - shares of the accounts
        return MAIN
    if roll < 0.94:  # noqa: PLR2004 - shares of the accounts
        return SAVINGS
    if roll < 0.97:  # noqa: PLR2004 - shares of the accounts
        return CLOSED if elapsed < _CLOSED_AFTER else SAVINGS
    return EXTERNAL


def _mass_edited(history: Iterator[SimulatedTransaction], now: int) -> Iterator[SimulatedTransaction]:
    """Yield the same transactions, 120 settled ones of the main account with one identical `updated`."""
    moment = now - _MASS_EDIT_AGE
    remaining = _MASS_EDIT_SIZE
    for transaction in history:
        settled = transaction.settled
        if remaining and transaction.account == MAIN and transaction.due is None and settled and settled < moment:
            remaining -= 1
            yield transaction._replace(updated=moment)
        else:
            yield transaction
