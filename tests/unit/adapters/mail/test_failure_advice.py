"""The advice of a mail about a failure: its own for each cause, in every language."""

import pytest

from primanota.adapters.mail.rendering import render
from primanota.core.errors import (
    BookDamaged,
    BookLocked,
    BookUnusable,
    DestinationForbidden,
    DestinationFull,
    DiskFailed,
    DiskFull,
    NoRights,
    PrimanotaError,
)
from primanota.core.language.catalogue import LANGUAGES
from tests.support.servers.mail_reports import EMPTY, changed

_BACKUP = {"de": "Sicherung", "en": "backup", "es": "copia", "fr": "sauvegarde", "it": "copia"}
_KINDS = (BookDamaged, BookLocked, BookUnusable, DiskFailed, DiskFull, NoRights)


def _text(language: str, failure: PrimanotaError) -> str:
    return render(changed(EMPTY, language=language, failure=failure), (), ()).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", _KINDS)
def test_only_a_damaged_book_is_restored(language: str, kind: type[PrimanotaError]) -> None:
    """A mail advises to restore the last backup for a damaged book, and for no other failure of book or disk."""
    assert (_BACKUP[language] in _text(language, kind("What happened."))) == (kind is BookDamaged)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_cause_has_its_own_words(language: str) -> None:
    """Each cause has its own heading and advice; those of a disk are the same for the book and for a file."""
    texts = [_text(language, kind("What happened.")) for kind in _KINDS]
    assert len(set(texts)) == len(_KINDS)
    assert _text(language, DestinationFull("What happened.")) == _text(language, DiskFull("What happened."))
    assert _text(language, DestinationForbidden("What happened.")) == _text(language, NoRights("What happened."))
