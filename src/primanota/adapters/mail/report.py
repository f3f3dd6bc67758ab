"""The data of a mail about a run, before it is rendered. Pure."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from primanota.core.errors import PrimanotaError
from primanota.core.notice import Notice
from primanota.core.proof_state import State as ProofName
from primanota.core.proof_state import worst
from primanota.core.results import AccountExport, Findings
from primanota.core.secret import Secret

State = Literal["done", "empty", "act"]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the mail; ``link`` is where it also is (a path, s3://…), empty if it is in the book alone."""

    name: str
    content: bytes
    link: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as its mail reports it.

    ``organisation`` is the company's name, or its login while the name is not known; ``tool`` the profile's title.
    ``period`` is the selection as the user wrote it, ``first`` and ``last`` its local days, both included, None if it
    has none. ``made`` is the organisation's local time, aware. ``failure`` is the error that ended the run. ``notes``
    are what the user should know. ``secrets`` are all secrets that the run used: none of them can be in the mail.
    """

    organisation: str
    language: str
    tool: str = ""
    period: str = ""
    first: date | None = None
    last: date | None = None
    made: datetime
    zone: ZoneInfo
    exports: tuple[AccountExport, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    findings: Findings = Findings()
    failure: PrimanotaError | None = None
    notes: tuple[Notice, ...] = ()
    secrets: tuple[Secret, ...] = ()

    @property
    def rows(self) -> int:
        """The number of exported rows."""
        return sum(one.rows for one in self.exports)

    @property
    def proven(self) -> bool | None:
        """Whether all files are proven; False if one is broken, else None if one is only counted."""
        results = {one.proven for one in self.exports}
        return False if False in results else None if None in results else True

    @property
    def proof(self) -> ProofName:
        """The state of the proof of all files: the worst of them."""
        return worst(one.proof for one in self.exports)

    @property
    def state(self) -> State:
        """``act`` if the run failed or is not proven; else ``done`` if rows were exported, or ``empty``."""
        if self.failure or self.proven is False:
            return "act"
        return "done" if self.rows else "empty"
