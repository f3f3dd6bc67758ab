"""Texts are fitted to characters and lengths: no letter is broken, and the time grows with their length."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.formats.charsets import Fitter, shorten, transliterate, wrap
from tests.support.factories import quick, transaction


class _Counted(str):
    """A text that counts the characters which are copied out of it."""

    copied = 0
    __slots__ = ()

    def __getitem__(self, place: object) -> "_Counted":
        part = _Counted(super().__getitem__(place))  # type: ignore[index]
        _Counted.copied += len(part)
        return part

    def split(self, *_: object) -> "list[str]":
        return [_Counted(word) for word in super().split(" ")]


@pytest.mark.parametrize("length", [1_000, 10_000])
def test_a_long_word_is_copied_once(length: int) -> None:
    """To break a word without blanks into lines copies each of its characters once, however long it is."""
    _Counted.copied = 0
    assert "".join(wrap(_Counted("x" * length), 60)) == "x" * length
    assert _Counted.copied <= length


@quick
@given(text=st.text(st.sampled_from("ab 1é"), max_size=60), width=st.integers(1, 9))
def test_lines_lose_nothing(text: str, width: int) -> None:
    """Lines have the width at most, and together every character except blanks at their ends."""
    lines = wrap(text, width)
    assert all(len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_text_of_many_megabytes_is_fitted() -> None:
    """A word of ten megabytes becomes six lines, and the change is reported."""
    fitter = Fitter("swift", [])
    lines = fitter.fit_lines(transaction(), "text", "x" * 10_000_000, 60, 6)
    assert [len(line) for line in lines] == [60] * 6
    assert len(fitter.text_changes) == 1
    assert transliterate("Größe €5 \u4e2d", "ascii") == "Groesse EUR5 Zhong"


@pytest.mark.parametrize(
    ("charset", "text", "written"),
    [
        ("cp1252", "Café Müller & Söhne", "Café Müller & Söhne"),
        ("iso-8859-15", "Žižkov, Ñandú", "Žižkov, Ñandú"),
        ("latin-1", "Žižkov, Ñandú", "Zizkov, Ñandú"),
        ("swift", "Müller Straße Łódź", "Mueller Strasse Lodz"),
        ("ascii", "Ångström", "Angstroem"),
    ],
)
def test_accents_behind_their_letters(charset: str, text: str, written: str) -> None:
    """A name in decomposed letters (NFD) is written like the same name in composed ones."""
    assert transliterate(unicodedata.normalize("NFD", text), charset) == written
    assert transliterate(text, charset) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("I \u2764\ufe0f NY", "I :heart: NY"),
        ("\U0001f469\u200d\U0001f467", ":woman::girl:"),
        ("1\ufe0f\u20e3 q\u0301", "1 q"),
        ("abc \u0301", "abc"),
        ("\ue000", "."),
    ],
)
def test_what_modifies_a_character_leaves_no_trace(text: str, written: str) -> None:
    """Joiners, variation selectors and accents without a composed letter vanish; other unknown signs become a dot."""
    assert Fitter("cp1252", []).fit(transaction(), "purpose", text) == written


@pytest.mark.parametrize(("limit", "kept"), [(1, "e"), (2, "e\u0301"), (3, "e\u0301"), (4, "e\u0301e\u0301")])
def test_a_letter_is_cut_with_its_accent(limit: int, kept: str) -> None:
    """A word that is cut ends with a letter that has its accents, but for a limit that has no room for one."""
    assert shorten("e\u0301" * 9, limit) == kept


def test_a_composed_letter_is_no_change() -> None:
    """A text is not reported as changed if its accents are one with their letters in the file, and else the same."""
    fitter = Fitter("cp1252", [])
    decomposed = unicodedata.normalize("NFD", "Café Müller")
    assert fitter.fit(transaction(), "counterparty", decomposed) == "Café Müller"
    assert fitter.fit_lines(transaction(), "purpose", decomposed, 6, 2) == ["Café", "Müller"]
    assert not fitter.text_changes
