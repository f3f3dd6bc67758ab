"""Long texts are broken into lines in time that grows with their length, and no character is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.formats.charsets import Fitter, transliterate, wrap
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
