"""The whole story on one page: sync, review, export.

fetch -> keep -> prove -> select -> normalise -> render -> check -> deliver
"""

from collections.abc import Iterable
from datetime import date, tzinfo
from pathlib import Path

from primanota.app.review import Change, Finding, Review, put_away
from primanota.app.sync import Synced, sync_account
from primanota.banks.qonto import normalise
from primanota.banks.qonto.bank import Bank
from primanota.banks.qonto.paging import Progress
from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, Batch, Batches, Book
from primanota.core.errors import BookUnusable, ConfigurationError
from primanota.core.model import COMPLETED, Account, Organisation, RawRecord
from primanota.core.period import Period
from primanota.core.selection import Selection
from primanota.export.build import Leaving, Ledgers, Preview, no_ledger
from primanota.export.delivery import Line, Recovered, deliver, lines, recovering, take_back, write_again
from primanota.export.destinations import Destinations
from primanota.export.exported import Exported
from primanota.profiles import Profile


def sync(bank: Bank, book: Book, progress: Progress, *, full: bool = False) -> tuple[list[Synced], list[str]]:
    """Bring the book up to date: the company, then each account's rows with its new watermark.

    Returns:
        What was done for each account, and notes on what the bank would not show.
    """
    with book.run("sync --full" if full else "sync"):
        notes = _keep_company(bank, book)
        known = {account.id: account for account in accounts(book)}
        unread = [key for key in known if full or book.watermark(key) is None]
        readers = bank.readers(list(known), progress, unread)
        return [sync_account(bank, book, known[key], reader, full=full) for key, reader in readers.items()], notes


def review(book: Book, zone: tzinfo, today: date, period: Period | None = None) -> list[Finding]:
    """What a person should look at: of the days of a period, or everything.

    Args:
        book: where the rows are.
        zone: the organisation's time zone.
        today: the local day, from which ages are counted.
        period: the local days on which a row settled, or was made where it never did.
    """
    return Review(book, zone).findings(today, period)


def export(
    book: Book,
    profile: Profile,
    selection: Selection,
    zone: tzinfo,
    *,
    chosen: Iterable[Account],
    to: Destinations,
    unproven: bool = False,
    strict: bool = False,
    ledger: Ledgers = no_ledger,
) -> tuple[list[Exported], list[Recovered]]:
    """Write one file per account, each a batch of its own: all of them, or none.

    Every file is computed and checked whole, and written down, before it gets its name.

    Args:
        book: where the rows are.
        profile: the tool that the files are for.
        selection: which rows: of a period, new ones, or changed ones.
        zone: the organisation's time zone.
        chosen: the accounts.
        to: where the files are bound for: here at once, elsewhere by ``carry`` and by mail.
        unproven: write even where the balance chain of the rows is broken.
        strict: refuse where rows of a period have left already.
        ledger: what an account's entries are called, for formats that write entries.

    Returns:
        What was written for each account, and what became of each batch that was interrupted before this one.

    Raises:
        NotProven: rows of the selection are missing or wrong.
        FormatRuleViolated: a row breaks a rule of the tool.
        AlreadyExported: with ``strict``.
        DeliveryFailed: the place cannot be written.
        BookConflict: somebody else changed the book where it lives; nothing has left.
    """
    with book.run(f"export {profile.name} ({selection})"), recovering(book) as settled:
        leaving = Leaving(book, profile, selection, zone, ledger, to)
        with book.writing():
            here = [one.batch for one in settled if one.here]
            done = leaving.prepare(list(chosen), unproven=unproven, strict=strict, here=here)
        deliver(book, [file.batch for file in done if file.batch])
    return done, settled


def preview(
    book: Book,
    profile: Profile,
    selection: Selection,
    zone: tzinfo,
    account: Account,
    ledger: Ledgers = no_ledger,
) -> Preview:
    """The cells of the rows that an export would write, checked like them, and in which batches they left already."""
    with book.reading():
        return Leaving(book, profile, selection, zone, ledger).preview(account)


def batches(book: Book) -> list[Batch]:
    """Everything that ever left, in order of the batches' numbers."""
    return Batches(book).all()


def batch(book: Book, number: int, zone: tzinfo) -> tuple[Batch, list[Line]]:
    """A batch and its rows as they left.

    Raises:
        InvalidInput: there is none of that number.
    """
    found = Batches(book).one(number)
    return found, lines(book, found, zone)


def again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file again, byte for byte: where it was, or somewhere else.

    Returns:
        The batch, where its file is, and what a person should know.

    Raises:
        InvalidInput: there is no such batch.
        DeliveryFailed: another file is there, or the place cannot be written.
    """
    with book.run(f"batches again {number}"), recovering(book) as settled:
        found, path, notes = write_again(book, number, to)
    return found, path, [*(one.told for one in settled), *notes]


def undo(book: Book, number: int) -> tuple[Batch, int, list[str]]:
    """Make a batch's rows new again for its profile; it stays in the book, undone.

    Returns:
        The batch as it was, how many of its rows are in no other batch that stands, and what became of exports that
        were interrupted.

    Raises:
        InvalidInput: there is no such batch, or it is undone already.
    """
    with book.run(f"batches undo {number}"), recovering(book) as settled:
        return *take_back(book, number), [one.told for one in settled]


def accept(book: Book, zone: tzinfo, ids: Iterable[str]) -> list[Change]:
    """Put changed rows away, as they are now, for every profile by which they left.

    Raises:
        InvalidInput: one of them is not changed since it left; none is put away then.
    """
    with book.run("review accept"), book.writing():
        return put_away(book, zone, ids)


def gone(book: Book, profile: Profile, zone: tzinfo, chosen: Iterable[Account]) -> list[Change]:
    """Changed rows that no corrected file can hold: reversed or vanished, they are no rows of a statement."""
    found = Review(book, zone).changes(profile.name)
    ours = {account.id for account in chosen}
    return [change for change in found if change.status != COMPLETED and change.moved.account in ours]


def accounts(book: Book) -> list[Account]:
    """The organisation's accounts, as the book knows them, in the bank's order."""
    order = {
        key: place for body in book.bodies(ORGANISATION).values() for place, key in enumerate(normalise.order(body))
    }
    known = (normalise.account(body) for body in book.bodies(ACCOUNT).values())
    return sorted(known, key=lambda account: order.get(account.id, len(order)))


def organisation(book: Book) -> Organisation:
    """The company whose book it is.

    Raises:
        ConfigurationError: the book is still empty.
    """
    for body in book.bodies(ORGANISATION).values():
        return normalise.organisation(body)
    raise ConfigurationError("The book is empty.", "Run “primanota sync” first.")


def _keep_company(bank: Bank, book: Book) -> list[str]:
    company = bank.company()
    _check_whose(company.organisation, book)
    with book.writing():
        book.keep(ORGANISATION, [RawRecord(id="organisation", body=company.organisation)])
        book.keep(ACCOUNT, company.accounts)
        book.keep(MEMBER, company.members or [])
        book.keep(LABEL, company.labels or [])
    lists = {"members": company.members, "labels": company.labels}
    return [f"The bank does not let this key read {name}." for name, found in lists.items() if found is None]


def _check_whose(company: bytes, book: Book) -> None:
    """One book, one company: rows of another one must never be mixed in."""
    theirs = normalise.organisation(company)
    for body in book.bodies(ORGANISATION).values():
        ours = normalise.organisation(body)
        if ours.id != theirs.id:
            raise BookUnusable(
                f"{book.path} is the book of {ours.name} ({ours.id}), not of {theirs.name} ({theirs.id}).",
                "Look at PRIMANOTA_API_URL, or move this book away.",
            )
