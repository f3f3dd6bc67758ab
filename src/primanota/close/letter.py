"""The letter of a closed month: the essentials of its certificates, and the pack or where it is. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from primanota.adapters.mail.close_letter import CloseLetter, LetterSection
from primanota.adapters.mail.report import State
from primanota.close.receipt_sentences import receipt_sentences
from primanota.close.texts import CloseTexts, close_texts
from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.language.notation import Notation, notation
from primanota.core.language.proof_texts import proof_texts
from primanota.core.month_close import ClosedAccount, MonthClose
from primanota.core.proof_state import verdict
from primanota.core.secret import Secret


class LetterFacts(NamedTuple):
    """What a letter says beside the close.

    ``content`` has the bytes of the pack, None where it is too large for a mail. ``places`` are where the pack also
    is. ``zone`` is the name of the organisation's time zone.
    """

    company: str
    zone: str
    content: bytes | None
    places: Sequence[str] = ()
    secrets: Sequence[Secret] = ()


def close_letter(close: MonthClose, facts: LetterFacts) -> CloseLetter:
    """Return the letter of a closed month, in the language of its pack."""
    texts, notes = close_texts(close.language), notation(close.language)
    proven = proof_texts(close.language).certificate
    state = _state(close)
    place, places = _place(close, facts, texts, notes)
    return CloseLetter(
        title=texts.readme.title.format(month=close.month, company=facts.company),
        headline=proven.open if state == "act" else proven.heading,
        state=state,
        language=close.language,
        made=close.made,
        zone=facts.zone,
        sentences=list(_sentences(close, texts, notes)),
        sections=[_section(one, notes, close.language) for one in close.accounts],
        place=place,
        places=places,
        sha256=close.sha256,
        files=[(close.name, facts.content)] if facts.content is not None else [],
        secrets=facts.secrets,
    )


def _state(close: MonthClose) -> State:
    found = [verdict(one.proof.state) for one in close.accounts]
    return "act" if not close.complete or False in found else "empty" if None in found else "done"


def _place(close: MonthClose, facts: LetterFacts, texts: CloseTexts, notes: Notation) -> tuple[str, Sequence[str]]:
    words = texts.letter
    if facts.content is not None:
        return words.attached.format(name=close.name), ()
    wanted = words.linked if facts.places else words.command
    return wanted.format(name=close.name, size=notes.size(close.size), month=close.month), facts.places


def _sentences(close: MonthClose, texts: CloseTexts, notes: Notation) -> Iterator[str]:
    of_files = all(one.proof.account.from_files for one in close.accounts)
    if not close.complete:
        yield texts.readme.incomplete
    if close.edition > 1:
        yield texts.letter.edition.format(edition=close.edition, before=close.edition - 1)
    yield from receipt_sentences(texts.certificate.receipts, close.receipts, notes, from_files=of_files)
    if close.later:
        yield notes.count(texts.letter.later, len(close.later))


def _section(closed: ClosedAccount, notes: Notation, language: str) -> LetterSection:
    words, proof, sums = proof_texts(language), closed.proof, closed.proof.completed
    amounts = (
        (words.opening, proof.opening),
        (words.sum_in, sums.sum_in),
        (words.sum_out, sums.sum_out),
        (words.closing, proof.closing),
    )
    money = [(label, notes.money(cents, proof.account.currency)) for label, cents in amounts]
    state = (words.state, bookkeeping(language).proof.of(proof.state))
    return LetterSection(proof.account.name, [(words.rows, notes.number(closed.rows)), *money, state])
