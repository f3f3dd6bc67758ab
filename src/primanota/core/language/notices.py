"""Notices as sentences of a language. Pure."""

from datetime import date, datetime
from functools import cache

from primanota.core.language.catalogue import Plural, Texts, load
from primanota.core.language.notation import Notation, notation
from primanota.core.model import Money
from primanota.core.notice import Notice, NoticeValue


class NoticeTexts(Texts, frozen=True):
    """The sentence of each notice."""

    # How far accounts are read and proven.
    never_read: str
    doubtful: str
    doubtful_since: str
    partial: str
    partial_since: str
    read_earlier: str
    statements_end: str
    gone: str
    gone_without_rows: str
    statement_ends: str
    statement_numbers: str
    members_unreadable: str
    labels_unreadable: str
    # Rows of an export.
    already_exported: Plural
    skipped_zero_rows: Plural
    first_day_moved: str
    row_pending: str
    row_declined: str
    row_reversed: str
    row_vanished: str
    row_of_other_status: str
    # Batches and mails.
    batch_failed: str
    batch_unfinished: str
    batch_in_book: str
    batch_of_output: str
    batch_without_folder: str
    batch_being_changed: str
    batch_lost: str
    batch_named: str
    batch_written_anew: str
    batch_had_arrived: str
    batch_is_undone: str
    batch_has_failed: str
    profile_changed: str
    mails_wait: Plural
    files_wait: Plural
    # The book.
    book_updating: str
    book_waiting: str
    lock_waiting: str
    lock_waiting_since: str
    lock_taken_over: str
    other_login: str
    second_book: str
    new_book: str
    # The consent of an organisation (OAuth).
    consent_ends: str
    # Receipts and the bank's statements.
    files_ended: str
    statement_opening_differs: str
    statement_closing_differs: str
    receipts_withdrawn: Plural
    files_unlisted: Plural
    files_unreadable: Plural
    files_unsafe: Plural
    files_broken: Plural
    files_refused: Plural
    files_too_large: Plural
    files_wrong_size: Plural
    files_wrong_type: Plural
    # Packs of closed months.
    month_packed: str
    month_unproven: str
    month_read_earlier: str
    month_receipts_waiting: Plural


def notice_text(notice: Notice, language: str, *, plain: bool = False) -> str:
    """Return a notice as a sentence of a language; English for one that is not supported.

    Args:
        notice: the notice.
        language: the language, such as ``de``.
        plain: whether days and amounts are written as programs read them: 2026-11-02, -1234.50.
    """
    text, notes = getattr(_texts(language), notice.name), notation(language)
    values = {name: _written(value, notes, plain=plain) for name, value in notice.values.items()}
    if notice.number is None:
        return str(text.format(**values))
    number = f"{notice.number}" if plain else notes.number(notice.number)
    return str((text.one if notice.number == 1 else text.many).format(number, **values))


def english(notice: Notice) -> str:
    """Return a notice as it stands in errors, logs, ``--json`` and the book."""
    return notice_text(notice, "en", plain=True)


def _written(value: NoticeValue, notes: Notation, *, plain: bool) -> str:
    match value:
        case Money():
            return str(value) if plain else notes.money(value.cents, value.currency)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}" if plain else f"{notes.day(value)} {value:%H:%M}"
        case date():
            return str(value) if plain else notes.day(value)
    return value


@cache
def _texts(language: str) -> NoticeTexts:
    return load("notices", language, NoticeTexts)
