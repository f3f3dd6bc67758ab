"""Notices: whole sentences in the reader's language, with days, amounts and numbers as the language writes them."""

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import primanota
from primanota.core.language.catalogue import LANGUAGES, Plural, load
from primanota.core.language.notices import NoticeTexts, english, notice_text
from primanota.core.model import Money
from primanota.core.notice import Notice

_ROOT = Path(primanota.__file__).parent
_ROW = Notice.of(
    "row_declined",
    counterparty="Süßmund",
    day=date(2026, 11, 2),
    amount=Money(-1_234_50),
    batch="1017",
    id="c48b1eb3",
)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Süßmund, 02.11.2026, -1.234,50\xa0€ (Export Nr. 1017, c48b1eb3) ist abgelehnt und kann nicht"),
        ("fr", "Süßmund, 02/11/2026, -1\u202f234,50\xa0€ (export n°\xa01017, c48b1eb3) est refusé"),
        ("it", "Süßmund, 02/11/2026, -1.234,50\xa0€ (esportazione n. 1017, c48b1eb3) è rifiutato"),
        ("es", "Süßmund, 02/11/2026, -1234,50\xa0€ (exportación n.º 1017, c48b1eb3) está rechazado"),
        ("nl", "Süßmund, 2 Nov 2026, -€1,234.50 (batch 1017, c48b1eb3) is declined: it cannot be in a file."),
    ],
)
def test_days_and_amounts_as_the_language_writes_them(language: str, sentence: str) -> None:
    """A notice has days and amounts as its reader writes them; the number of a batch has no marks."""
    assert notice_text(_ROW, language).startswith(sentence)


def test_words_of_a_language_for_programs() -> None:
    """Where programs read along, the words are the reader's, and days and amounts have one form everywhere."""
    assert notice_text(_ROW, "de", plain=True).startswith("Süßmund, 2026-11-02, -1234.50 EUR (Export Nr. 1017")
    assert english(_ROW).startswith("Süßmund, 2026-11-02, -1234.50 EUR (batch 1017")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (1, "Konto: 1 Umsatz über 0,00\xa0€ ist nicht in der Datei, weil das Programm ihn ablehnt."),
        (2_000, "Konto: 2.000 Umsätze über 0,00\xa0€ sind nicht in der Datei, weil das Programm sie ablehnt."),
    ],
)
def test_one_and_many(number: int, sentence: str) -> None:
    """A number of things has a whole sentence for one and for many."""
    notice = Notice.of("skipped_zero_rows", number, account="Konto", amount=Money(0))
    assert notice_text(notice, "de") == sentence


def test_a_moment_has_its_time() -> None:
    """A moment is written with its day and its local time."""
    notice = Notice.of("read_earlier", account="A {b}", moment=datetime(2026, 11, 2, 6, 30, tzinfo=UTC))
    assert (
        notice_text(notice, "de")
        == "A {b} wurde am 02.11.2026 06:30 gelesen; was danach gebucht wurde, ist nicht in der Datei."
    )
    assert english(notice) == "A {b} was read on 2026-11-02 06:30; what settled later is not in its file."


def _made() -> Iterator[tuple[str, set[str], bool]]:
    """Yield the names of notices that the source makes, with the names of their values, and whether they count."""
    for path in _ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Notice.of":
                first = node.args[0]
                counts = len(node.args) > 1 and not (
                    isinstance(node.args[1], ast.Constant) and node.args[1].value is None
                )
                if isinstance(first, ast.Constant):
                    yield str(first.value), {word.arg for word in node.keywords if word.arg}, counts


def test_every_notice_of_the_source_has_a_text() -> None:
    """Each notice that the program makes by its name is in the catalogue, in the plural where it counts."""
    texts, made = load("notices", "en", NoticeTexts), list(_made())
    assert len(made) > 20
    for name, values, counts in made:
        text = getattr(texts, name)
        assert isinstance(text, Plural) == counts, name
        for value in values:
            assert f"{{{value}}}" in (text.many if isinstance(text, Plural) else text), (name, value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_can_be_said(language: str) -> None:
    """Each text can be filled in, in each language."""
    for name in NoticeTexts.__struct_fields__:
        text = getattr(load("notices", language, NoticeTexts), name)
        words = dict.fromkeys(
            (
                *("account", "moment", "day", "batch", "amount", "profile", "since", "before", "counterparty", "id"),
                *("status", "error", "folder", "path", "holder", "seconds", "login", "company"),
                *("second", "place", "reason", "month", "stated", "book", "after", "next", "command"),
            ),
            "x",
        )
        assert notice_text(Notice(name, words, 2 if isinstance(text, Plural) else None), language)
