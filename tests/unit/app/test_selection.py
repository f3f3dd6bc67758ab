"""The first day from which on rows are new for a profile."""

from datetime import date

import msgspec

from primanota.adapters.settings import config
from primanota.app.exporting.selection import first_new_day
from tests.support.books.book_world import Office


def test_the_first_new_day(office: Office) -> None:
    """The given day takes precedence over the day in the book, and that one over the day in the settings."""
    none = config.load({})
    settings = msgspec.structs.replace(none, environment={"PRIMANOTA_SINCE": "2026-11-01"})
    assert first_new_day(office.book, office.tool, "", none) is None
    assert first_new_day(office.book, office.tool, "", settings) == date(2026, 11, 1)
    with office.book.writing():
        office.batches.set_first_new_day(office.tool.name, "2026-11-02")
    assert first_new_day(office.book, office.tool, "", settings) == date(2026, 11, 2)
    assert first_new_day(office.book, office.tool, "20261103", settings) == date(2026, 11, 3)
