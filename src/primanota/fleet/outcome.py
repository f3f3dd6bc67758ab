"""What became of a client's run, in the words of the fleet."""

from datetime import datetime
from typing import Literal, NamedTuple

State = Literal["waiting", "running", "done", "failed", "person"]
STATES: tuple[State, ...] = ("waiting", "running", "done", "failed", "person")


class AttemptResult(NamedTuple):
    """The result of an attempt.

    Args:
        kind: ``done``; ``later`` if it may succeed later; ``person`` if somebody must mend something first.
        rows: how many rows were exported.
        proven: whether the book is proven complete; None if that is not known.
        error_kind: the class of the error, empty if there is none.
        sentence: the error and its hint, for people.
        consent_end: when the client's consent ends (UTC); None if it has an API key, or that is not known.
    """

    kind: Literal["done", "later", "person"]
    rows: int = 0
    proven: bool | None = None
    error_kind: str = ""
    sentence: str = ""
    consent_end: datetime | None = None
