"""Check a book: prove its accounts from its own rows, and compare them with the bank."""

import msgspec

from primanota import banks
from primanota.adapters.storage.file_store import FileStore
from primanota.app.proving.filed_statements import prove_filed
from primanota.app.receipts.kept_files import NO_FILES, CheckedFiles, check_files, differences
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.balance_chain import Chain, Proof, prove, walk
from primanota.core.errors import BankRefused
from primanota.core.model import Account
from primanota.core.notice import Notice
from primanota.core.proof_state import ProofState, State, verdict

NOT_SHOWN = (403, 404)
_UNREAD = "it was never read whole: run “primanota sync”"


class Check(msgspec.Struct):
    """Result of checking a book.

    ``states`` say how far each account is proven. ``inconsistency`` names the first place that was changed, ``sound``
    is the result of SQLite's integrity check, and ``bank`` is the reason why the bank was not asked. ``files`` says
    which receipts and statements that the book names are not in their store, ``statements`` where a statement of the
    bank differs from the book.
    """

    accounts: dict[str, Account]
    proofs: list[Proof]
    states: dict[str, ProofState]
    inconsistency: str
    sound: bool
    bank: str = ""
    files: CheckedFiles = NO_FILES
    statements: tuple[Notice, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether the book is sound, consistent and proven, and its receipts are whole."""
        proven = all(verdict(one.state) is not False and not one.reasons for one in self.states.values())
        return self.sound and not self.inconsistency and proven and not self.files.damaged and not self.statements

    @property
    def each(self) -> list[tuple[Proof, ProofState]]:
        """Return the proof and the state of each account."""
        return [(proof, self.states[proof.account_id]) for proof in self.proofs]

    def name(self, found: Proof) -> str:
        """Return the name of a proof's account."""
        return self.accounts[found.account_id].name


def check_book(journal: Journal, store: FileStore | None = None) -> Check:
    """Check the book without the bank: hash chain, file, balance chains, what the last sync found, and receipts.

    Args:
        journal: the book.
        store: has the receipts; None to leave them out.

    Raises:
        ConfigurationError: the store of the receipts cannot be reached or read.
    """
    book, known = journal.book, {account.id: account for account in journal.accounts()}
    proven = journal.proves_index()
    inconsistency = journal.verify(is_index_proven=proven)
    chains = {key: _walked(book, key) if inconsistency else book.chain(key) for key in known}
    filed = {key for key, account in known.items() if account.from_files and not inconsistency}
    proofs = [
        prove_filed(book, key).proof if key in filed else prove(key, chain, None, {}, {})
        for key, chain in chains.items()
    ]
    states = {proof.account_id: _by_the_book(book.proof_state(proof.account_id), proof) for proof in proofs}
    is_sound = book.is_sound(is_index_proven=proven)
    if inconsistency:  # what the book names cannot be believed
        return Check(known, proofs, states, inconsistency, is_sound)
    files = check_files(journal.receipts(), store) if store else NO_FILES
    return Check(known, proofs, states, inconsistency, is_sound, "", files, tuple(differences(journal)))


def check_bank(bank: banks.Bank, journal: Journal, found: Check) -> Check:
    """Return the check with each account also compared with the bank's present balance and counts.

    An account that the bank no longer shows is proven by the book alone, if it was proven before; one of files
    stays as the book proves it.

    Raises:
        BankRefused: the bank refuses every account, or one for another reason than its absence.
    """
    proofs, states, book = [], dict(found.states), journal.book
    refused: list[BankRefused] = []
    files = {account.id for account in found.accounts.values() if account.from_files}
    for key, alone in zip(found.accounts, found.proofs, strict=True):
        stored = book.proof_state(key)
        try:
            status = None if key in files or stored.state == "gone" else bank.account_status(key)
        except BankRefused as refusal:
            if refusal.status not in NOT_SHOWN:
                raise
            refused.append(refusal)
            status = None
        if key in files:
            proofs.append(alone)
            continue
        if status is None or not status.listed:
            proofs.append(alone)
            gone = msgspec.structs.replace(stored, state="gone", reasons=())
            states[key] = _by_the_book(stored if stored.until is None else gone, alone)
            continue
        chain = book.chain(key)
        proof = prove(key, chain, status.balance, book.status_counts(key, chain.rows), status.counts)
        proofs.append(proof)
        states[key] = _by_the_bank(stored, proof)
    if refused and len(refused) == len(found.accounts) - len(files):
        raise refused[0]
    return msgspec.structs.replace(found, proofs=proofs, states=states)


def _walked(book: Book, account: str) -> Chain:
    """Return the balance chain of an account, without what is derived of it in a book that cannot be believed."""
    return walk(book.booked_rows(account), brought_forward=book.brought_forward(account))


def _by_the_book(stored: ProofState, proof: Proof) -> ProofState:
    """Return the state that the last sync found; ``doubtful`` if the rows themselves tell against it."""
    if stored.state == "unread":
        return msgspec.structs.replace(stored, reasons=(*proof.reasons, *stored.reasons, _UNREAD))
    if not proof.reasons:
        return stored
    state: State = stored.state if verdict(stored.state) is False else "doubtful"
    reasons = tuple(dict.fromkeys((*proof.reasons, *stored.reasons)))
    return msgspec.structs.replace(stored, state=state, reasons=reasons)


def _by_the_bank(stored: ProofState, proof: Proof) -> ProofState:
    """Return the state as of now; an account that was never read whole stays so, even if its counts agree."""
    if stored.state == "unread":
        return _by_the_book(stored, proof)
    proven = proof.verdict and proof.balance is not None
    state: State = "doubtful" if proof.reasons else "proven" if proven else "counts only"
    return msgspec.structs.replace(stored, state=state, reasons=proof.reasons)
