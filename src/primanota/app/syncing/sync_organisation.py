"""The beginning of a sync: the organisation with its lists, and what can be asked for together with them."""

from primanota import banks
from primanota.app.syncing.late_rows import LateRows
from primanota.book import ACCOUNT, LABEL, MEMBER, ORGANISATION, Book
from primanota.book.journal import Journal
from primanota.core.errors import BookUnusable, ConsentEnded, InvalidApiKey, NotProven
from primanota.core.model import Account, RawRecord
from primanota.core.notice import Notice


def asked_at_once(bank: banks.Bank, book: Book, connector: banks.Connector, late: LateRows) -> dict[str, int]:
    """Return the accounts of which changes can be asked for together with the organisation, and since when.

    If the bank refused the key in the last sync there are none: many such answers would lock this address out.
    """
    if book.last_outcome("sync") in {InvalidApiKey.__name__, ConsentEnded.__name__}:
        return {}
    accounts = map(connector.account, book.bodies(ACCOUNT).values())
    known = (one.id for one in accounts if not one.from_files and book.proof_state(one.id).state != "gone")
    return {key: since for key in known if (since := late.since(key, bank.now)) is not None}


def sync_organisation(
    bank: banks.Bank, book: Book, connector: banks.Connector, changed: dict[str, int]
) -> tuple[list[Notice], set[str]]:
    """Store the organisation and its lists; return notes, and the ids of the accounts that the bank lists.

    Raises:
        NotProven: neither the bank nor the book has an account of this organisation at the bank.
        BookUnusable: the book is that of another organisation, or has rows of an account from files.
    """
    company = bank.company(changed)
    _check_same_organisation(company.organisation, book, connector)
    known = Journal(book, connector).accounts()
    if not company.accounts and all(account.from_files for account in known):
        raise NotProven("The bank shows no account to this key.", "Check the rights of the key in Qonto.")
    _check_accounts(company.accounts, known, book, connector)
    with book.writing():
        book.append(ORGANISATION, [RawRecord(id="organisation", body=company.organisation)])
        book.append(ACCOUNT, company.accounts)
        book.append(MEMBER, company.members or [])
        book.append(LABEL, company.labels or [])
    lists = {"members": company.members, "labels": company.labels}
    notes = [Notice.of(f"{name}_unreadable") for name, found in lists.items() if found is None]
    return notes, {record.id for record in company.accounts}


def _check_same_organisation(company: bytes, book: Book, connector: banks.Connector) -> None:
    """Refuse to mix the rows of two organisations in one book; one of files alone has no id, and takes the bank's."""
    theirs, ours = connector.organisation(company), Journal(book, connector).find_organisation()
    if ours and ours.id and ours.id != theirs.id:
        raise BookUnusable(
            f"{book.path} is the book of {ours.name} ({ours.id}), not of {theirs.name} ({theirs.id}).",
            "Look at PRIMANOTA_API_URL, or move this book away.",
        )


def _check_accounts(found: list[RawRecord], known: list[Account], book: Book, connector: banks.Connector) -> None:
    """Refuse an account of which the book has rows from files: it would have them twice."""
    of_files = {account.iban: account for account in known if account.from_files and account.iban}
    for one in map(connector.account, (record.body for record in found)):
        if one.iban in of_files:
            raise BookUnusable(
                f"{book.path} has rows of {one.name} ({one.iban}) from files, and the bank has them as well.",
                "Sync into another book (--book), or move this one away.",
            )
