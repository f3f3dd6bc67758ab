"""A request to the bank."""

from typing import NamedTuple

Params = tuple[tuple[str, str], ...]


class Request(NamedTuple):
    """A path and its parameters, in the order in which they are sent."""

    path: str
    params: Params = ()
