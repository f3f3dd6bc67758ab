"""What variables of the environment say that are not texts: numbers and switches."""

import re

from primanota.core.errors import InvalidConfiguration
from primanota.core.hosts import MOST_CONNECTIONS


def destinations_of(words: str) -> tuple[str, ...]:
    """Return the destinations that a variable names, separated by commas, as words for ``parse_destinations``."""
    # Mail addresses are separated by commas, too.
    return tuple(re.split(r",\s*(?=s3://|mailto:|[/~.])", words))


def number_of_connections(words: str) -> int:
    """Return the number that PRIMANOTA_CONNECTIONS says.

    Raises:
        InvalidConfiguration: it is not a number of connections.
    """
    if re.fullmatch("[0-9]{1,4}", words) and 1 <= int(words) <= MOST_CONNECTIONS:
        return int(words)
    raise InvalidConfiguration(
        f"PRIMANOTA_CONNECTIONS is “{words}”, which is not a number of connections.",
        f"Write a whole number from 1 to {MOST_CONNECTIONS}, or leave it out.",
    )


def is_switched_on(name: str, words: str) -> bool:
    """Return whether a variable says ``true``.

    Raises:
        InvalidConfiguration: it says neither ``true`` nor ``false``.
    """
    if words not in {"true", "false"}:
        raise InvalidConfiguration(f"{name} is “{words}”.", "Write true or false, or leave it out.")
    return words == "true"
