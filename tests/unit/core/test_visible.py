"""Control and direction characters are shown as escapes, in texts and in JSON."""

import json
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.text import escaped_json, visible

_DANGEROUS = (
    "\x00\x07\x08\x1b\r\n\t\x7f\x80\x9b\x9d\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ufeff"
)


@pytest.mark.parametrize("character", _DANGEROUS)
def test_each_is_shown_as_an_escape(character: str) -> None:
    """Each control, direction and zero-width character becomes an escape of printable characters."""
    shown = visible(f"a{character}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert shown.encode().decode("unicode_escape") == f"a{character}b"


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    """No text has a control, a line break, or a change of direction left."""
    left = {unicodedata.category(character) for character in visible(text)}
    assert not left & {"Cc", "Zl", "Zp", "Cs"}
    assert not any("\u202a" <= character <= "\u202e" for character in visible(text))


@pytest.mark.parametrize("text", ["Zoë Łukasik", "👨‍👩‍👧", "می‌خواهم", "a\u00a0b", "Straße\u00adn"])
def test_ordinary_texts_stay(text: str) -> None:
    """Letters, emoji with joiners and no-break spaces stay as they are."""
    assert visible(text) == text


@given(st.recursive(st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_keeps_its_values(value: object) -> None:
    """A JSON document has the same values afterwards, and no character that a terminal obeys but line breaks."""
    document = msgspec.json.format(
        json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), indent=2
    ).decode()
    shown = escaped_json(document)
    assert json.loads(shown) == json.loads(document)
    assert visible(shown.replace("\n", "")) == shown.replace("\n", "")
