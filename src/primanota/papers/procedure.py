"""What the description of a procedure states. Plain data, collected from the settings, the machine and the book."""

from datetime import date, datetime
from typing import Literal, NamedTuple

# How the program shows the bank that it may read: a key, or the consent of a person (OAuth).
Access = Literal["key", "consent"]
# Where a secret is: in the system's key store, a private file, what a command prints, AWS, the fleet's database, or
# only in the environment of the process.
SecretPlace = Literal["keyring", "file", "command", "aws", "fleet", "environment"]
# Where the book is.
BookPlace = Literal["local", "shared", "bucket"]


class DescribedAccount(NamedTuple):
    """An account: its completed rows in the book, from which to which local day, and how far it is proven.

    ``state`` is the word of the state in the language of the description. ``from_files`` is true for an account whose
    rows were imported from files of statements.
    """

    name: str
    iban: str
    currency: str
    rows: int
    first: date | None
    last: date | None
    state: str
    from_files: bool = False


class DescribedProfile(NamedTuple):
    """A profile with which files were exported: batches, and the days of the first and the last one (local)."""

    name: str
    title: str
    batches: int
    undone: int
    first: date
    last: date


class ReadingsOfMonth(NamedTuple):
    """The readings of a local month: how many, how many did not come to their end, and what they stored.

    ``head`` is the hash of the chain after the last one that came to its end, in hex.
    """

    month: str
    readings: int
    failed: int
    new: int
    changed: int
    absent: int
    head: str


class MailDescription(NamedTuple):
    """Who sends mails through which server; empty texts where it is not set."""

    sender: str
    server: str


class Procedure(NamedTuple):
    """The procedure of one organisation on one installation.

    Texts are empty, and lists are, where nothing is set or known. ``schedule`` is the name of the scheduler and
    ``times`` its times, as cron writes them; both are empty if no run is scheduled on this machine.
    """

    company: str
    login: str
    country: str
    zone: str
    made: datetime
    program: str
    python: str
    system: str
    responsible: str
    adviser: str
    api: str
    access: Access
    secret: SecretPlace
    consent_end: date | None
    accounts: tuple[DescribedAccount, ...]
    profile: str
    destinations: tuple[str, ...]
    profiles: tuple[DescribedProfile, ...]
    mail: MailDescription
    has_rules: bool
    book: str
    book_place: BookPlace
    schema: int
    versions: int
    head: str
    store: str
    fetches_receipts: bool
    receipts: int
    statements: int
    closed_months: tuple[str, ...]
    schedule: str
    times: str
    first_reading: date | None
    months: tuple[ReadingsOfMonth, ...]
