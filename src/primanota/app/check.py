"""Check a book: prove its accounts from its own rows, and compare them with the bank."""

import msgspec

from primanota import banks
from primanota.book.journal import Journal
from primanota.core.balance_chain import Proof, prove
from primanota.core.model import Account


class Check(msgspec.Struct):
    """Result of checking a book.

    ``inconsistency`` names the first place that was changed, ``sound`` is the result of SQLite's integrity check, and
    ``bank`` is the reason why the bank was not asked.
    """

    accounts: dict[str, Account]
    proofs: list[Proof]
    inconsistency: str
    sound: bool
    bank: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the book is sound, consistent and proven."""
        return self.sound and not self.inconsistency and all(proof.ok for proof in self.proofs)

    def name(self, found: Proof) -> str:
        """Return the name of a proof's account."""
        return self.accounts[found.account_id].name


def check_book(journal: Journal) -> Check:
    """Check the book without the bank: its hash chain, its file, and each account's balance chain."""
    known = {account.id: account for account in journal.accounts()}
    proofs = [prove(key, journal.book.booked_rows(key), None, {}, {}) for key in known]
    return Check(known, proofs, journal.verify(), journal.book.is_sound())


def check_bank(bank: banks.Bank, journal: Journal, found: Check) -> Check:
    """Return the check with each account also compared with the bank's present balance and counts."""
    proofs, book = [], journal.book
    for key in found.accounts:
        status = bank.account_status(key)
        proofs.append(prove(key, book.booked_rows(key), status.balance, book.status_counts(key), status.counts))
    return msgspec.structs.replace(found, proofs=proofs)
