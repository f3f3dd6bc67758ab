"""The balance of the account after each row of a statement, by the booking days of its rows. Pure.

Statements state balances at their two ends alone, and their entries are in any order: some banks write the newest
first. The balances between are those that follow if the rows are taken by day, and within a day as they stand.
"""

from array import array
from datetime import date
from typing import Self

from primanota.core.model import COMPLETED


class RunningBalances:
    """The rows of a statement in its order: their days and cents, and the balances that follow."""

    def __init__(self) -> None:
        self._days = array("l")
        self._cents = array("q")

    def add(self, day: date, status: str, cents: int) -> None:
        """Add a row; one that is not booked does not move the balance."""
        self._days.append(day.toordinal())
        self._cents.append(cents if status == COMPLETED else 0)

    @property
    def moved(self) -> int:
        """The sum of all rows (cents)."""
        return sum(self._cents)

    def begin(self, opening: int) -> Self:
        """Turn the cents of each row into the balance after it, from the opening balance on."""
        balance = opening
        for place in sorted(range(len(self._days)), key=self._days.__getitem__):
            balance += self._cents[place]
            self._cents[place] = balance
        return self

    def __len__(self) -> int:
        return len(self._cents)

    def __getitem__(self, place: int) -> int:
        return self._cents[place]
