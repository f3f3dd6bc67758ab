"""The balance chain of rows: an independent check of the simulator's balances."""

from tests.simulator.api_client import Row


def signed_cents(row: Row) -> int:
    """Return the amount in cents, negative for a debit."""
    cents: int = row["amount_cents"]
    return cents if row["side"] == "credit" else -cents


def ties_out_of_order(rows: list[Row], name: str) -> bool:
    """Return whether rows that settled at one time, served in ascending order, are not in the order of balances.

    Args:
        rows: the rows.
        name: the key that they are sorted by; only rows in which it is the same are compared.
    """
    place = {row["id"]: number for number, row in enumerate(balance_chain(rows))}
    by_time: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        by_time.setdefault((row["settled_at"], row[name]), []).append(place[row["id"]])
    return any(places != sorted(places) for places in by_time.values())


def balance_chain(rows: list[Row]) -> list[Row]:
    """Return the settled rows in an order in which their balances follow each other from zero.

    Raises:
        AssertionError: there is no such order.
    """
    remaining = sorted((row for row in rows if row["status"] == "completed"), key=lambda row: row["settled_at"])
    chain: list[Row] = []
    balance = 0
    while remaining:
        moment = remaining[0]["settled_at"]
        following = [
            row
            for row in remaining
            if row["settled_at"] == moment and row["settled_balance_cents"] == balance + signed_cents(row)
        ]
        assert following, f"no row continues {balance} at {moment}"
        chain.append(following[0])
        remaining.remove(following[0])
        balance = following[0]["settled_balance_cents"]
    return chain
