"""What is proven of a book: by itself, and held against the bank."""

import msgspec

from primanota.app import flow
from primanota.banks.qonto import normalise
from primanota.banks.qonto.bank import Bank
from primanota.book import Batches, Book, Letters
from primanota.core.balance_chain import Proof, prove
from primanota.core.model import Account


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
        return self.sound and not self.forgery and all(proof.ok for proof in self.proofs)

    def name(self, found: Proof) -> str:
        """The name of the account that was proven."""
        return self.accounts[found.account_id].name


def check_book(book: Book) -> Check:
    """What the book alone can prove: its hash chain, its file, and each account's balance chain."""
    known = {account.id: account for account in flow.accounts(book)}
    proofs = [prove(key, book.links(key), None, {}, {}) for key in known]
    return Check(known, proofs, first_inconsistency(book), book.is_sound())


def check_bank(bank: Bank, book: Book, found: Check) -> Check:
    """The same, with each account held against the bank's present balances and counts."""
    proofs = []
    for key in found.accounts:
        balance, counted = bank.account_status(key)
        proofs.append(prove(key, book.links(key), balance, book.counts(key), counted))
    return msgspec.structs.replace(found, proofs=proofs)


def first_inconsistency(book: Book) -> str:
    """The first place where the book is not what this program wrote; empty when there is none."""
    return (
        book.first_inconsistency(normalise.record)
        or Batches(book).first_inconsistency()
        or Letters(book).first_inconsistency()
    )
