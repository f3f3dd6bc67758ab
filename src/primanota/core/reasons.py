"""Why a person should look at a row, and why not any more: plain data that each language has texts for. Pure."""

from datetime import datetime
from typing import Literal

import msgspec

ReasonName = Literal[
    "pending",
    "pending_for",
    "declined",
    "reversed",
    "reversed_uncharged",
    "released",
    "vanished",
    "vanished_pending",
    "changed",
    "closed_added",
    "closed_changed",
    "closed_removed",
    "unknown_status",
    "unknown_operation",
    "unreadable",
    "receipt",
    "vat",
    "vat_no_rate",
]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why a row is a finding.

    ``name`` is that of its text. ``number`` is the age in days of a pending row, or the batch since which a row
    changed; ``word`` is the bank's word that is not known, why something cannot be read, or
    the month that was closed.
    """

    name: ReasonName
    number: int = 0
    word: str = ""


class Acceptance(msgspec.Struct, frozen=True):
    """A finding that a person has put away: its kind, the version of the row, when (UTC), and a note."""

    kind: str
    seq: int
    made: datetime
    note: str = ""
