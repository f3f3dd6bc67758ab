"""What must hold of a book: a proven account has the bank's rows, and after a whole reading exactly these."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from primanota.book import Book
from primanota.core.proof_state import SETTLED
from tests.torture.answers.company import BankState, Json, cents, differences

_ROWS = """SELECT l.id, l.account, l.status, l.settled, l.amount, v.body FROM latest l JOIN version v ON v.seq = l.seq
           WHERE l.kind = 'transaction' AND l.absent = 0"""
# An account that the last sync did not reach is proven up to an earlier moment only.
_PROVEN_LAST = "SELECT account FROM proof WHERE run = (SELECT max(number) FROM run)"


def false_proofs(book: Book, state: BankState, lies: Sequence[bytes]) -> Iterator[str]:
    """Yield how accounts that are called proven differ from the bank's truth, beside what the bank itself told.

    Args:
        book: the book.
        state: the bank.
        lies: the mutated answers that the bank gave.
    """
    rows = [row for row in book.rows(_ROWS) if row[2] == "completed"]
    last = {account for (account,) in book.rows(_PROVEN_LAST)}
    for account in state.accounts & last:
        if book.proof_state(account).state not in SETTLED:
            continue
        ours = [row for row in rows if row[1] == account]
        truth = {key: row for key, row in state.completed.items() if row["bank_account_id"] == account}
        found, wanted = Counter(row[4] for row in ours), Counter(map(cents, truth.values()))
        if found != wanted:
            yield f"proven, but rows are missing or twice: {found - wanted} too much, {wanted - found} missing"
        for key, _, _, _, amount, body in ours:
            other = list(differences(truth[key], _decoded(body))) if key in truth else ["id"]
            if (other or amount != cents(truth[key])) and not any(body in lie for lie in lies):
                yield f"proven, but {key} differs from the bank's row in {', '.join(other)}"


def wrong_book(book: Book, state: BankState) -> Iterator[str]:
    """Yield how a book differs from the bank in any row, account, member or label."""
    found = {row[0]: row for row in book.rows(_ROWS)}
    if lost := state.rows.keys() - found.keys():
        yield f"{len(lost)} rows are missing in the book: {sorted(lost)[:3]}"
    if more := found.keys() - state.rows.keys():
        yield f"{len(more)} rows of the book are not the bank's: {sorted(more)[:3]}"
    for key, account, status, _, amount, body in found.values():
        row = state.rows.get(key)
        if row and (other := list(differences(row, _decoded(body)))):
            yield f"{key} differs from the bank's row in {', '.join(other)}"
        if row and (account, status, amount) != (row["bank_account_id"], row["status"], cents(row)):
            yield f"{key} is entered as {account} {status} {amount}"
    yield from _wrong_lists(book, state)


def _wrong_lists(book: Book, state: BankState) -> Iterator[str]:
    for account in state.accounts:
        if book.proof_state(account).state not in SETTLED:
            yield f"account {account} is {book.proof_state(account).state}"
    for kind, wanted in state.lists.items():
        bodies = book.bodies(kind)
        for key, one in wanted.items():
            if key not in bodies or any(True for _ in differences(one, _decoded(bodies[key]))):
                yield f"{kind} {key} differs from the bank's"


def _decoded(body: bytes) -> Json:
    try:
        found: Any = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
