"""What the description of a procedure states. Plain data, collected from the settings, the machine and the book."""

from datetime import date, datetime
from typing import Literal, NamedTuple

# How the program shows the bank that it may read: a key, or the consent of a person (OAuth).
AccessKind = Literal["key", "consent"]
# Where a secret is: in the system's key store, a private file, what a command prints, AWS, the fleet's database, or
# only in the environment of the process.
SecretPlace = Literal["keyring", "file", "command", "aws", "fleet", "environment"]
# What kind of place the book is in.
BookPlace = Literal["local", "shared", "bucket"]


class DescribedAccount(NamedTuple):
    """An account: its completed rows in the book, from which to which local day, and how far it is proven.

    ``state`` is the word of the state in the language of the description, ``until`` the local day up to which it was
    proven last. ``from_files`` is true for an account whose rows were imported from files of statements.
    """

    name: str
    iban: str
    currency: str
    rows: int
    first: date | None
    last: date | None
    state: str
    until: date | None
    from_files: bool = False


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


class DescribedAccess(NamedTuple):
    """How the program may read the bank.

    Args:
        kind: by a key or by a consent.
        secret: where the secret is.
        reference: the reference to it; empty for a command, whose words may be private.
        scopes: what a consent allows.
        consent_end: the local day on which it ends.
    """

    kind: AccessKind
    secret: SecretPlace
    reference: str
    scopes: tuple[str, ...]
    consent_end: date | None


class DescribedBook(NamedTuple):
    """The book as a file, and its records.

    Args:
        place: where it is.
        kind: what kind of place that is.
        mode: its permissions on this machine, as ``0600``; empty if they are not known.
        is_open: whether others than its owner may read it.
        schema: the number of its schema.
        versions: how many records it has.
        head: the hash of the newest one, in hex.
    """

    place: str
    kind: BookPlace
    mode: str
    is_open: bool
    schema: int
    versions: int
    head: str


class LogSummary(NamedTuple):
    """What the log of receptions adds up to.

    Args:
        first_reading: the local day of the first reading of all.
        first: the first local day of the log; None for the whole log.
        last: its last local day.
        months: the readings of each month of the log.
        programs: the versions of the program that have read.
    """

    first_reading: date | None
    first: date | None
    last: date | None
    months: tuple[ReadingsOfMonth, ...]
    programs: tuple[ProgramUse, ...]


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
        access: how the program may read there.
        reads_bank: whether there is a bank to ask; not of a book of files alone.
        statement_folder: the folder of statements that each run imports.
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
        book: the book.
        encryption: the encryption that objects in buckets are stored with; empty if no place is a bucket.
        store: where receipts and statements are.
        fetches_receipts: whether each run fetches receipts.
        receipts: how many receipts are stored.
        statements: how many statements of the bank are stored.
        closed_months: the months that were closed (``2026-10``).
        schedule: the name of the scheduler; empty if no run is scheduled on this machine.
        times: its times, as cron writes them.
        log: the sums of the log of receptions.
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
    access: DescribedAccess
    reads_bank: bool
    statement_folder: str
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
    book: DescribedBook
    encryption: str
    store: str
    fetches_receipts: bool
    receipts: int
    statements: int
    closed_months: tuple[str, ...]
    schedule: str
    times: str
    log: LogSummary
