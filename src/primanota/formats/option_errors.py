"""What is wrong with a format's options: everything at once, each with the place where it stands."""

from collections.abc import Iterable
from typing import NamedTuple


class Wrong(NamedTuple):
    """``what`` is wrong and what to ``do``, for people; ``keys`` lead to it from the options."""

    message: str
    hint: str = ""
    keys: tuple[str | int, ...] = ()


class Impossible(ValueError):
    """No file can be written so. ``wrong`` has all of it; the sentence is that of the first."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        self.wrong = list(wrong)
        super().__init__(self.wrong[0].message)


def refuse(wrong: Iterable[Wrong]) -> None:
    """Refuse options of which something is wrong.

    Raises:
        Impossible: with all of it.
    """
    if found := list(wrong):
        raise Impossible(found)
