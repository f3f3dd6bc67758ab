"""The PDF of a description: title page, contents, and tables that go on over pages."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from primanota.papers.description import LANGUAGES, description
from primanota.papers.pdf import pdf
from tests.support.files.described import MADE, described

_ACCOUNTS = 70


def _pages(text: str, language: str) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf(text, language, MADE))).pages]


@pytest.mark.parametrize("language", LANGUAGES)
def test_contents_name_the_page_of_each_section(language: str) -> None:
    """The first page has the title alone; the second one the contents, each section with the page that it is on."""
    text = description(described(), language)
    first, contents, *_ = pages = _pages(text, language)
    sections = re.findall(r"^## (\d+\. .*)$", text, re.MULTILINE)
    assert len(sections) == 12
    assert not any(section in first for section in sections)
    for section in sections:
        found = re.search(rf"^{re.escape(section)} (\d+)$", contents.replace("\u00a0", " "), re.MULTILINE)
        assert found, section
        assert section in pages[int(found[1]) - 1]


def test_a_long_table_has_its_headings_on_each_page() -> None:
    """Of many accounts no row is lost, no word is broken, and each page of the table has its headings."""
    usual = described().accounts[0]
    names = [f"Niederlassungskonto {number:03}" for number in range(_ACCOUNTS)]
    many = described(accounts=tuple(usual._replace(name=name) for name in names))
    pages = [" ".join(page.split()) for page in _pages(description(many, "de"), "de")]
    assert all(name in " ".join(pages) for name in names)
    with_rows = [page for page in pages if "Niederlassungskonto" in page]
    assert len(with_rows) > 1
    for page in with_rows:
        assert "Währung Umsätze Zeitraum" in page
        assert page.count(usual.iban) == page.count("Niederlassungskonto")


def test_words_of_a_table_that_is_too_wide_stay_whole() -> None:
    """Where the longest words have no room beside each other, letters are smaller, and no word is broken."""
    name, iban, state = (
        "Fremdwährungsverrechnungskonto",
        "MT31MALT01100000000000000000123",
        "Vollständigkeitsnachweis",
    )
    wide = described().accounts[0]._replace(name=name, iban=iban, rows=10**9, state=state)
    lines = "\n".join(_pages(description(described(accounts=(wide,)), "de"), "de"))
    assert all(word in lines for word in (name, iban, state, "1.000.000.000"))


def test_the_same_text_gives_the_same_bytes() -> None:
    """The PDF follows from text, language and moment alone."""
    text = description(described(), "fr")
    assert pdf(text, "fr", MADE) == pdf(text, "fr", MADE)
