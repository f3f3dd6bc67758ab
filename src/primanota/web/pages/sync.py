"""Sync: read the bank and the folder of statements as ``primanota sync`` does, and say what came."""

from collections.abc import Iterator
from functools import cache

from starlette.responses import Response

from primanota.app.running.sync_now import Synced, sync_now
from primanota.core.errors import BookLocked
from primanota.core.language.catalogue import Plural, load
from primanota.core.language.notices import notice_text
from primanota.core.results import SyncedAccount
from primanota.web.screens import Form
from primanota.web.visit import Visit
from primanota.web.written import AllProvenTexts, proof_sentence, written_reason, written_row


class SyncPageTexts(AllProvenTexts, frozen=True):
    """The texts of this screen."""

    heading: str
    new: Plural
    nothing_new: str
    changed: Plural
    advice: str
    advice_files: str
    account: str
    new_rows: str
    changed_rows: str
    balance: str
    proof: str
    vanished: str
    released: str


@cache
def sync_page_texts(language: str) -> SyncPageTexts:
    """Return the texts in a language."""
    return load("page_sync", language, SyncPageTexts)


def sync(visit: Visit) -> Response:
    """Read the bank; a second reading is refused as long as one runs.

    Raises:
        BookLocked: this page is reading the bank already, or another process writes the book.
    """
    reading = visit.site.reading_bank
    if not reading.acquire(blocking=False):
        raise BookLocked("This page is reading the bank already.", "Wait until that has ended.")
    try:
        found = sync_now(visit.workspace)
    finally:
        reading.release()
    texts, language = sync_page_texts(visit.language), visit.language
    return visit.page(
        "sync.html",
        s=texts,
        found=found,
        sentence=_sentence(visit, texts, found),
        advice=_advice(texts, found),
        notes=[notice_text(one, language) for one in found.notes],
        reasons={one.account.id: [*_reasons(visit, one)] for one in found.accounts},
        gone=[line for one in found.accounts for line in _gone(visit, texts, one)],
    )


def _sentence(visit: Visit, texts: SyncPageTexts, found: Synced) -> str:
    """Return how many rows are new and changed, and whether all accounts are proven."""
    new, changed = (sum(getattr(one.counts, name) for one in found.accounts) for name in ("new", "changed"))
    said = [visit.notation.count(texts.new, new) if new else texts.nothing_new]
    if changed:
        said.append(visit.notation.count(texts.changed, changed))
    said.append(proof_sentence(texts, (one.verdict for one in found.accounts)))
    return " ".join(said)


def _advice(texts: SyncPageTexts, found: Synced) -> list[str]:
    """Return what to do where accounts are not proven: of the bank, and of files."""
    kinds = {one.account.from_files for one in found.accounts if not one.proven}
    return [text for of_files, text in ((False, texts.advice), (True, texts.advice_files)) if of_files in kinds]


def _reasons(visit: Visit, done: SyncedAccount) -> Iterator[str]:
    return (written_reason(reason, done.named, visit.language) for reason in done.reasons)


def _gone(visit: Visit, texts: SyncPageTexts, done: SyncedAccount) -> Iterator[tuple[str, str]]:
    """Yield each row that the bank no longer shows: its id, and a sentence."""
    for key, (_, row) in done.gone.items():
        text = texts.released if key in done.released else texts.vanished
        yield key, text.format(account=done.account.name, row=written_row(row, visit.language))


SCREENS = (Form("/sync", sync),)
