"""Mistakes in the options of a format: all of them at once, each with the keys that lead to it from the options."""

from collections.abc import Iterable

from primanota.core.toml_validation import Mistake


class InvalidOptions(ValueError):
    """Options with which a file cannot be written: all their mistakes; the message is that of the first one."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = list(mistakes)
        super().__init__(self.mistakes[0].message)


def refuse(mistakes: Iterable[Mistake]) -> None:
    """Refuse options that have a mistake.

    Raises:
        InvalidOptions: there is at least one; the error has all of them.
    """
    if found := list(mistakes):
        raise InvalidOptions(found)
