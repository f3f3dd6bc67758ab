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

    ``state`` is the word of the state in the language of the description, ``until`` the local day up to which it was
    proven last.
    """

    name: str
    iban: str
    currency: str
    rows: int
    first: date | None
    last: date | None
    state: str
    until: date | None


class DescribedProfile(NamedTuple):
    """A profile with which files were exported: batches, and the days of the first and the last one (local).

    ``file`` is the template of its files' names, empty if the profile is not there any more. ``texts`` says how many
    different texts of the profile the batches were written with.
    """

    name: str
    title: str
    file: str
    texts: int
    batches: int
    undone: int
    first: date
    last: date


class ReadingsOfMonth(NamedTuple):
    """The readings of a local month: how many, how many did not come to their end, and what they stored.

    ``unproven`` counts those that left an account unproven. ``head`` is the hash of the chain after the last one that
    came to its end, in hex.
    """

    month: str
    readings: int
    failed: int
    unproven: int
    new: int
    changed: int
    absent: int
    head: str


class ProgramUse(NamedTuple):
    """A version of the program: how many readings it made, and the local days of the first and the last of them."""

    program: str
    readings: int
    first: date
    last: date


class MailDescription(NamedTuple):
    """Who sends mails through which server; empty texts where it is not set."""

    sender: str
    server: str


class Procedure(NamedTuple):
    """The procedure of one organisation on one installation.

    Texts are empty, and lists are, where nothing is set or known.

    Args:
        company: its name.
        login: its login at the bank.
        country: where it is registered (ISO 3166-1).
        address: its address.
        zone: the time zone of its days.
        made: when the description was made, aware, in that zone.
        program: the version of the program.
        python: the version of Python.
        system: the operating system.
        responsible: who answers for the procedure.
        adviser: the tax adviser.
        api: the URL of the bank's API.
        access: how the program may read.
        secret: where the secret is.
        reference: the reference to the secret; empty for a command, whose words may be private.
        scopes: what a consent allows.
        consent_end: the local day on which it ends.
        companies: how many organisations the settings have.
        firm: who gets the report about all of them.
        accounts: the accounts.
        profile: the profile that runs write by default.
        destinations: where files go.
        packs: where the packs of closed months go with the run.
        pack_day: the day of the next month from which on a run closes a month.
        profiles: what was exported.
        mail: who sends mails.
        has_rules: whether the settings have ledger accounts or rules.
        book: where the book is.
        book_place: what kind of place that is.
        book_mode: the permissions of a book on this machine, as ``0600``; empty if they are not known.
        is_book_open: whether others than its owner may read it.
        encryption: the encryption that objects in buckets are stored with; empty if no place is a bucket.
        schema: the number of the book's schema.
        versions: how many records the book has.
        head: the hash of the newest one, in hex.
        store: where receipts and statements are.
        fetches_receipts: whether each run fetches receipts.
        receipts: how many receipts are stored.
        statements: how many statements of the bank are stored.
        closed_months: the months that were closed (``2026-10``).
        schedule: the name of the scheduler; empty if no run is scheduled on this machine.
        times: its times, as cron writes them.
        first_reading: the local day of the first reading of all.
        log_first: the first local day of the log; None for the whole log.
        log_last: its last local day.
        months: the readings of each month of the log.
        programs: the versions of the program that have read.
    """

    company: str
    login: str
    country: str
    address: str
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
    reference: str
    scopes: tuple[str, ...]
    consent_end: date | None
    companies: int
    firm: tuple[str, ...]
    accounts: tuple[DescribedAccount, ...]
    profile: str
    destinations: tuple[str, ...]
    packs: tuple[str, ...]
    pack_day: int
    profiles: tuple[DescribedProfile, ...]
    mail: MailDescription
    has_rules: bool
    book: str
    book_place: BookPlace
    book_mode: str
    is_book_open: bool
    encryption: str
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
    log_first: date | None
    log_last: date | None
    months: tuple[ReadingsOfMonth, ...]
    programs: tuple[ProgramUse, ...]
