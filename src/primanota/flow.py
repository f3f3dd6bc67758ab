"""The whole story on one page: sync, review, export.

fetch -> keep -> prove -> select -> normalise -> render -> check -> deliver
"""

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo
from pathlib import Path

import msgspec

from primanota import places
from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, Book
from primanota.errors import BookUnusable, NotConfigured, NotProven, WrongWords
from primanota.keeping import Synced, sync_account
from primanota.model import Account, Entry, Organisation, Statement, Transaction
from primanota.period import Period
from primanota.profiles import Profile
from primanota.proof import Proof, prove, walk
from primanota.qonto import normalise
from primanota.qonto.bank import Bank
from primanota.qonto.pages import Progress

_FOREVER = 1 << 62


class Finding(msgspec.Struct, frozen=True):
    """A row that a person should look at, and why."""

    account: Account
    transaction: Transaction
    why: str


class Exported(msgspec.Struct):
    """One account's file: how many rows, what came in and went out, the balances at both ends. Cents.

    ``path`` is None where there was nothing to write. ``proven`` says whether the chain within the period is whole;
    None where the bank states no running balance for the account.
    """

    account: Account
    path: Path | None
    opening: int | None
    closing: int | None
    proven: bool | None
    rows: int = 0
    sum_in: int = 0
    sum_out: int = 0


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


def review(book: Book, zone: tzinfo, period: Period | None = None) -> list[Finding]:
    """What is pending, declined, reversed, vanished or of an unknown status, last changed in the period."""
    since, until = period.span(zone) if period else (0, _FOREVER)
    known, members = {account.id: account for account in accounts(book)}, _members(book)
    findings = []
    for account_id, body, absent in book.unsettled(since, until):
        row = normalise.transaction(body, zone, members)
        findings.append(Finding(known[account_id], row, "vanished" if absent else row.status))
    return findings


def export(
    book: Book,
    profile: Profile,
    period: Period,
    zone: tzinfo,
    *,
    chosen: Iterable[Account],
    to: Path,
    unproven: bool = False,
) -> list[Exported]:
    """Write one file per account with the rows that settled on the period's local days.

    Every file is computed and checked whole before it gets its name.

    Args:
        book: where the rows are.
        profile: the tool that the files are for.
        period: the local days.
        zone: the organisation's time zone.
        chosen: the accounts.
        to: a folder, or a file when one account is chosen.
        unproven: write even where the balance chain of the period is broken.

    Raises:
        NotProven: rows of the period are missing or wrong.
        RuleBroken: a row breaks a rule of the tool.
        Undeliverable: the place cannot be written.
    """
    wanted = list(chosen)
    targets = _targets(wanted, profile, period, to)
    return [
        _export(book, profile, period, zone, account, targets[account.id], unproven=unproven) for account in wanted
    ]


def preview(book: Book, profile: Profile, period: Period, zone: tzinfo, account: Account) -> Iterator[list[str]]:
    """The cells of the rows that an export would write, checked like them."""
    rows = _transactions(book, account, period.span(zone), zone)
    return profile.rows(Statement(account, rows))


def check_book(book: Book) -> Check:
    """What the book alone can prove: its hash chain, its file, and each account's balance chain."""
    known = {account.id: account for account in accounts(book)}
    proofs = [prove(key, book.links(key), None, {}, {}) for key in known]
    return Check(known, proofs, book.first_forgery(normalise.entry), book.is_sound())


def check_bank(bank: Bank, book: Book, found: Check) -> Check:
    """The same, with each account held against the bank's present balances and counts."""
    proofs = []
    for key in found.accounts:
        balance, counted = bank.standing(key)
        proofs.append(prove(key, book.links(key), balance, book.counts(key), counted))
    return msgspec.structs.replace(found, proofs=proofs)


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


def _export(
    book: Book, profile: Profile, period: Period, zone: tzinfo, account: Account, path: Path, *, unproven: bool
) -> Exported:
    span = period.span(zone)
    with book.reading():
        chain = walk(book.links(account.id), *span)
        doubt = chain.doubt_within(*span)
        if doubt and not unproven:
            raise NotProven(f"{account.name}: {doubt}.", "Run “primanota sync --full”, or export with --unproven.")
        done = Exported(account, path, chain.at_since, chain.at_until, proven=not doubt if chain.speaks else None)
        rows = _counted(_transactions(book, account, span, zone), done)
        if chain.rows_within or path.exists():
            places.write(path, profile.render(Statement(account, rows)))
        else:
            done.path = None
    return done


def _counted(rows: Iterator[Transaction], done: Exported) -> Iterator[Transaction]:
    """Rows on their way into a file, counted; after the last one they must lead from opening to closing balance."""
    currency = done.account.currency
    for row in rows:
        cents = row.amount.cents
        done.rows += 1
        if cents > 0:
            done.sum_in += cents
        else:
            done.sum_out += cents
        if row.amount.currency != currency:
            raise NotProven(
                f"Transaction {row.id} is not in {currency}, as its account is.", "Run “primanota check”."
            )
        yield row
    if done.proven and (done.opening or 0) + done.sum_in + done.sum_out != (done.closing or 0):
        raise NotProven(
            f"{done.account.name}: the rows do not lead to the closing balance.", "Run “primanota check”."
        )


def _transactions(book: Book, account: Account, span: tuple[int, int], zone: tzinfo) -> Iterator[Transaction]:
    members = _members(book)
    return (normalise.transaction(body, zone, members) for body in book.settled(account.id, *span))


def _members(book: Book) -> dict[str, str]:
    return {key: normalise.member_name(body) for key, body in book.bodies(MEMBER).items()}


def _targets(chosen: list[Account], profile: Profile, period: Period, to: Path) -> dict[str, Path]:
    """Where each account's file goes: into a folder under a name of its own, or to the one file that was named."""
    if "://" in str(to) or str(to).startswith(("s3:/", "mailto:")):
        raise WrongWords(f"{to} is not a folder.", "This version writes to folders and files of this machine.")
    if (to.suffix or to.is_file()) and not to.is_dir():
        if len(chosen) != 1:
            raise WrongWords(
                f"{to} is one file, and there are {len(chosen)} accounts.", "Name a folder, or --account."
            )
        return {chosen[0].id: to}
    slugs = {account.id: _slug(account) for account in chosen}
    names = list(slugs.values())
    return {
        key: to / f"{profile.name}_{slug if names.count(slug) == 1 else key}_{period.name}{profile.suffix}"
        for key, slug in slugs.items()
    }


def _slug(account: Account) -> str:
    plain = re.sub(r"[^\w]+", "-", account.name).strip("-").lower()
    return f"{plain}-{account.tail}" if plain else account.tail
