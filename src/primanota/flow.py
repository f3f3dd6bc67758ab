"""The whole story on one page: sync, review, export.

fetch -> keep -> prove -> select -> normalise -> render -> check -> deliver
"""

from collections.abc import Callable, Iterable
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, Batch, Batches, Book
from primanota.delivering import Line, deliver, lines, settle, take_back, write_again
from primanota.errors import BookUnusable, NotConfigured
from primanota.keeping import Synced, sync_account
from primanota.leaving import Exported, Leaving, Selection
from primanota.model import COMPLETED, Account, Entry, Organisation
from primanota.period import Period
from primanota.profiles import Profile
from primanota.proof import Proof, prove
from primanota.qonto import normalise
from primanota.qonto.bank import Bank
from primanota.qonto.pages import Progress
from primanota.reviewing import Change, Finding, Review, put_away

if TYPE_CHECKING:
    from primanota.book.exchange import Contents, Manifest
    from primanota.book.store import Rebuilt


class Check(msgspec.Struct):
    """What is proven of a book. ``forgery`` names the first place that was changed; ``bank`` why it was not asked."""

    accounts: dict[str, Account]
    proofs: list[Proof]
    forgery: str
    sound: bool
    bank: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the book."""
        return self.sound and not self.forgery and all(proof.holds for proof in self.proofs)

    def name(self, found: Proof) -> str:
        """The name of the account that was proven."""
        return self.accounts[found.account_id].name


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
    to: Path,
    unproven: bool = False,
    strict: bool = False,
) -> tuple[list[Exported], list[str]]:
    """Write one file per account, each a batch of its own: all of them, or none.

    Every file is computed and checked whole, and written down, before it gets its name.

    Args:
        book: where the rows are.
        profile: the tool that the files are for.
        selection: which rows: of a period, new ones, or changed ones.
        zone: the organisation's time zone.
        chosen: the accounts.
        to: a folder, or a file when one account is chosen.
        unproven: write even where the balance chain of the rows is broken.
        strict: refuse where rows of a period have left already.

    Returns:
        What was written for each account, and what became of exports that were interrupted before this one.

    Raises:
        NotProven: rows of the selection are missing or wrong.
        RuleBroken: a row breaks a rule of the tool.
        LeftAlready: with ``strict``.
        Undeliverable: the place cannot be written.
    """
    with book.run(f"export {profile.name} ({selection})"):
        settled = settle(book)
        with book.writing():
            done = Leaving(book, profile, selection, zone).prepare(list(chosen), to, unproven=unproven, strict=strict)
        deliver(book, (file.batch for file in done if file.batch))
    return done, settled


def preview(
    book: Book, profile: Profile, selection: Selection, zone: tzinfo, account: Account
) -> tuple[list[list[str]], dict[int, int]]:
    """The cells of the rows that an export would write, checked like them, and in which batches they left already."""
    with book.reading():
        return Leaving(book, profile, selection, zone).preview(account)


def batches(book: Book) -> list[Batch]:
    """Everything that ever left, in order of the batches' numbers."""
    return Batches(book).all()


def batch(book: Book, number: int, zone: tzinfo) -> tuple[Batch, list[Line]]:
    """A batch and its rows as they left.

    Raises:
        WrongWords: there is none of that number.
    """
    found = Batches(book).one(number)
    return found, lines(book, found, zone)


def again(book: Book, number: int, to: Path | None) -> tuple[Batch, Path, list[str]]:
    """Write a batch's file again, byte for byte: where it was, or somewhere else.

    Returns:
        The batch, where its file is, and what a person should know.

    Raises:
        WrongWords: there is no such batch.
        Undeliverable: another file is there, or the place cannot be written.
    """
    with book.run(f"batches again {number}"):
        settled = settle(book)
        found, path, notes = write_again(book, number, to)
    return found, path, [*settled, *notes]


def undo(book: Book, number: int) -> tuple[Batch, list[str]]:
    """Make a batch's rows new again for its profile; it stays in the book, undone.

    Returns:
        The batch as it was, and what became of exports that were interrupted.

    Raises:
        WrongWords: there is no such batch, or it is undone already.
    """
    with book.run(f"batches undo {number}"):
        settled = settle(book)
        return take_back(book, number), settled


def accept(book: Book, zone: tzinfo, ids: Iterable[str]) -> list[Change]:
    """Put changed rows away, as they are now, for every profile by which they left.

    Raises:
        WrongWords: one of them is not changed since it left; none is put away then.
    """
    with book.run("review accept"), book.writing():
        return put_away(book, zone, ids)


def gone(book: Book, profile: Profile, zone: tzinfo) -> list[Change]:
    """Changed rows that no corrected file can hold: reversed or vanished, they are no rows of a statement."""
    found = Review(book, zone).changes(profile.name)
    return [change for change in found if change.moved.absent or change.row.status != COMPLETED]


def check_book(book: Book) -> Check:
    """What the book alone can prove: its hash chain, its file, and each account's balance chain."""
    known = {account.id: account for account in accounts(book)}
    proofs = [prove(key, book.links(key), None, {}, {}) for key in known]
    return Check(known, proofs, _first_forgery(book), book.is_sound())


def check_bank(bank: Bank, book: Book, found: Check) -> Check:
    """The same, with each account held against the bank's present balances and counts."""
    proofs = []
    for key in found.accounts:
        balance, counted = bank.standing(key)
        proofs.append(prove(key, book.links(key), balance, book.counts(key), counted))
    return msgspec.structs.replace(found, proofs=proofs)


def export_book(book: Book, to: Path) -> "Manifest":
    """Write the whole book as plain files into a folder that is empty or not there yet.

    Raises:
        BookUnusable: the book is not whole, so nobody could make the same one again.
        Undeliverable: the folder is not empty, or cannot be written.
    """
    from primanota.book.dump import dump  # noqa: PLC0415 - slow to load, and nobody does this every day

    with book.reading():
        if forgery := _first_forgery(book):
            raise BookUnusable(
                f"The book is not whole: {forgery}.", "Run “primanota book rebuild”, or restore it from a backup."
            )
        return dump(book, to, _contents(book))


def import_book(folder: Path, manifest: "Manifest", path: Path, clock: Callable[[], int]) -> None:
    """Make the identical book of an exported one, under the name ``path``, and only if all of it adds up.

    Raises:
        BookUnusable: something is not what was exported.
        Undeliverable: there is a book already, or it cannot be written.
    """
    from primanota.book.exchange import DAMAGED  # noqa: PLC0415 - slow to load, as above
    from primanota.book.restore import restored  # noqa: PLC0415 - the same

    with restored(folder, manifest, path, clock, normalise.entry) as book:
        if complaint := _first_forgery(book) or manifest.contents.difference(_contents(book)):
            raise BookUnusable(f"{folder} is not what was exported: {complaint}.", DAMAGED)


def rebuild_book(book: Book) -> "Rebuilt":
    """Make the book's index anew from what the bank said.

    Raises:
        BookUnusable: this program cannot read what the bank said.
    """
    with book.run("book rebuild"), book.writing():
        return book.rebuild(normalise.entry)


def accounts(book: Book) -> list[Account]:
    """The organisation's accounts, as the book knows them."""
    return [normalise.account(body) for body in book.bodies(ACCOUNT).values()]


def organisation(book: Book) -> Organisation:
    """The company whose book it is.

    Raises:
        NotConfigured: the book is still empty.
    """
    for body in book.bodies(ORGANISATION).values():
        return normalise.organisation(body)
    raise NotConfigured("The book is empty.", "Run “primanota sync” first.")


def _keep_company(bank: Bank, book: Book) -> list[str]:
    company = bank.company()
    _check_whose(company.organisation, book)
    with book.writing():
        book.keep(ORGANISATION, [Entry(id="organisation", body=company.organisation)])
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


def _contents(book: Book) -> "Contents":
    from primanota.book.exchange import Contents, Control  # noqa: PLC0415 - slow to load, as above

    controls = []
    for account in accounts(book):
        found = prove(account.id, book.links(account.id), None, {}, {})
        came = sum(link.amount for link in book.links(account.id) if link.amount > 0)
        went = sum(link.amount for link in book.links(account.id) if link.amount < 0)
        facts = (account.id, account.name, account.currency, found.rows, came, went, found.opening, found.closing)
        controls.append(Control(*facts))
    return Contents(organisation(book), book.head.hex(), controls)


def _first_forgery(book: Book) -> str:
    return book.first_forgery(normalise.entry) or Batches(book).first_forgery()
