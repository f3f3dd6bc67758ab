"""What a mail has to tell, before it is put into words. Pure."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from primanota.core.errors import PrimanotaError
from primanota.core.results import AccountExport, Finding
from primanota.core.secret import Secret

State = Literal["done", "empty", "act"]
# What a company's mail is written in, by its country; Switzerland by its largest language. Belgium's largest is not
# among them, and French for Flanders would be the worse guess: English there as everywhere else.
_LANGUAGES = {
    "AT": "de",
    "CH": "de",
    "DE": "de",
    "LI": "de",
    "FR": "fr",
    "LU": "fr",
    "MC": "fr",
    "IT": "it",
    "ES": "es",
}


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with the mail; ``link`` is where it also is (a path, s3://…), empty where only the book is."""

    name: str
    content: bytes
    link: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as its mail tells it.

    ``organisation`` is the company's name, or its login where nobody knows the name yet; ``tool`` the profile's
    title. ``period`` is the selection in the user's words, ``first`` and ``last`` its local days, both included, None
    where it has none. ``made`` is the organisation's local time, aware. ``failure`` is what ended the run. ``notes``
    are sentences of the program. ``secrets`` are whatever the run knew: none of them can be in the mail.
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
    findings: tuple[Finding, ...] = ()
    failure: PrimanotaError | None = None
    notes: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows left."""
        return sum(one.rows for one in self.exports)

    @property
    def proven(self) -> bool | None:
        """Whether everything is proven; False where anything is broken, None where anything is only counted."""
        said = {one.proven for one in self.exports}
        return False if False in said else None if None in said else True

    @property
    def state(self) -> State:
        """Whether somebody has to act, because it failed or is not proven; else whether any row left."""
        if self.failure or self.proven is False:
            return "act"
        return "done" if self.rows else "empty"


def language(country: str) -> str:
    """What a company of a country (ISO 3166, two letters) is written to in, unless the settings say it."""
    return _LANGUAGES.get(country.upper(), "en")
