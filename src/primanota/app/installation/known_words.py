"""Words that the settings and the book know, for the completion in a shell. A remote book is not fetched for that."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from primanota import banks, profiles
from primanota.adapters.settings import config
from primanota.adapters.storage import disk
from primanota.app.books_of_files import known_by_books, known_together
from primanota.app.same_company import CompanyBooks
from primanota.book import stored_batch
from primanota.book.file import quick_look

_MONTHS, _QUARTERS, _YEARS = 12, 4, 2


def organisations() -> list[str]:
    """Return the logins of the organisations in the settings, or of the books of files."""
    return [*known_together(config.load(), ()).organisations]


def profile_names(begin: str) -> Iterator[tuple[str, str]]:
    """Yield the profiles and their other names, and the profiles in the folder that a word begins to name."""
    for name in profiles.words():
        yield name, profiles.canonical(name)
    folder = Path(begin or ".") if not begin or begin.endswith(("/", "\\")) else Path(begin).parent
    for path in sorted(folder.glob("*.toml")):
        yield (str(path) if begin.startswith((".", "/", "~")) or "/" in begin else path.name), "a profile of your own"


def periods(today: date) -> Iterator[str]:
    """Yield the periods that are asked for most: last month and week, then months, quarters and years until today."""
    yield from ("last-month", "last-week", "yesterday")
    yield from _months(today)
    quarter = today.year * 4 + (today.month - 1) // 3
    yield from (f"{one // 4}-Q{one % 4 + 1}" for one in range(quarter, quarter - _QUARTERS, -1))
    yield from (f"{year}" for year in range(today.year, today.year - _YEARS, -1))


def closable_months(today: date) -> Iterator[str]:
    """Yield the months that can be closed: the last one first, by its word and by its number."""
    yield "last-month"
    yield from islice(_months(today), 1, None)


def _months(today: date) -> Iterator[str]:
    count = today.year * 12 + today.month - 1
    yield from (f"{month // 12}-{month % 12 + 1:02}" for month in range(count, count - _MONTHS, -1))


def accounts(organisation: str | None, book: str | None) -> Iterator[tuple[str, str]]:
    """Yield each account's last four characters of its IBAN, and its name if that is one word."""
    connector = banks.connector()
    for body in quick_look.records(_path(organisation, book), "account"):
        account = connector.account(body)
        if not any(map(str.isspace, account.name)):  # bash would need quotes
            yield account.name, account.iban
        yield account.tail, account.name


def batches(organisation: str | None, book: str | None, states: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the numbers of the batches in some states, with account and selection; of all states if none is given."""
    for body in quick_look.records(_path(organisation, book), "batch"):
        batch = stored_batch.decode(body)
        if not states or batch.state in states:
            yield str(batch.number), f"{batch.profile}, {batch.account}, {batch.selection}, {batch.state}"


def found_rows(organisation: str | None, book: str | None, begin: str) -> list[str]:
    """Return the ids of rows that are not settled or lack something, or may have changed after their export."""
    return quick_look.found_ids(_path(organisation, book), begin)


def accepted_rows(organisation: str | None, book: str | None, begin: str) -> list[str]:
    """Return the ids of rows of which a finding was put away."""
    return quick_look.accepted_ids(_path(organisation, book), begin)


def _path(organisation: str | None, book: str | None) -> Path:
    """Return the path of the organisation's book.

    Raises:
        PrimanotaError: no organisation is known, or it has several books.
        OSError: the book is not on this machine.
    """
    settings = known_by_books(config.load(), "" if book else organisation)
    if book and not settings.has_organisation:
        return disk.path_of(book)
    login = settings.login(organisation)
    place = book or settings.book(login)
    path = disk.path_of(place)
    if place == settings.default_book(login):
        return CompanyBooks(path, banks.connector()).find(login, None, lambda _: None)
    return path
