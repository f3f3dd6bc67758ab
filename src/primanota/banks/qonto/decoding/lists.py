"""Qonto's members and labels as structs. Pure.

Source: Qonto's documentation of memberships and labels. Unknown keys are left out.
"""

from typing import TypeVar

import msgspec

from primanota.core.errors import NotProven

_T = TypeVar("_T", bound=msgspec.Struct)


class Member(msgspec.Struct, frozen=True):
    """A person of the organisation. Birth dates, nationalities and countries of residence are never decoded."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    role: str | None = None
    status: str | None = None

    @property
    def name(self) -> str:
        """Return the first and the last name."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


class Label(msgspec.Struct, frozen=True):
    """A label; ``parent_id`` is the label that it is below, None for one at the top."""

    id: str
    name: str
    parent_id: str | None = None


def decoded(body: bytes, kind: type[_T], path: str) -> _T:
    """Return an item of a list.

    Raises:
        NotProven: it does not have the documented shape.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise NotProven(f"The bank's answer to {path} cannot be read: {error}.", "Please report it.") from None
