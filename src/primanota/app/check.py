"""Check what is proven of a book: by the book itself, and compared with the bank."""

import msgspec

from primanota import banks
from primanota.book.journal import Journal
from primanota.core.balance_chain import Proof, prove
from primanota.core.model import Account


class Check(msgspec.Struct):
    """What is proven of a book.

    ``inconsistency`` names the first place that was changed; ``bank`` says why the bank was not asked.
    """

    accounts: dict[str, Account]
    proofs: list[Proof]
    inconsistency: str
    sound: bool
    bank: str = ""

    @property
    def ok(self) -> bool:
        """Return whether nothing speaks against the book."""
        return self.sound and not self.inconsistency and all(proof.ok for proof in self.proofs)

    def name(self, found: Proof) -> str:
        """Return the name of the account that a proof is about."""
        return self.accounts[found.account_id].name


def check_book(journal: Journal) -> Check:
    """Check what the book alone can prove: its hash chain, its file, and each account's balance chain."""
    known = {account.id: account for account in journal.accounts()}
    proofs = [prove(key, journal.book.booked_rows(key), None, {}, {}) for key in known]
    return Check(known, proofs, journal.verify(), journal.book.is_sound())


def check_bank(bank: banks.Bank, journal: Journal, found: Check) -> Check:
    """Compare each account with the bank's present balance and counts, too."""
    proofs, book = [], journal.book
    for key in found.accounts:
        status = bank.account_status(key)
        proofs.append(prove(key, book.booked_rows(key), status.balance, book.status_counts(key), status.counts))
    return msgspec.structs.replace(found, proofs=proofs)
