"""The search in undecoded records: it never leaves out a record that holds the words."""

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from primanota.core.text import comparable
from primanota.core.word_search import may_hold
from tests.support.factories import quick

_LETTERS = st.sampled_from(
    [
        *"aeksSKi Ii",
        "ß",
        "ẞ",
        "\u017f",
        "\u212a",
        "\u0130",
        "\ufb01",
        "é",
        "É",
        "e\u0301",
        "\u00ad",
        "\xa0",
        "\\",
        '"',
        "Ü",
    ]
)
_TEXTS = st.lists(_LETTERS, max_size=12).map("".join)


@quick
@given(_TEXTS, _TEXTS)
@example("Vatten\u00adfall", "vattenfall")
@example("Königstraße", "KÖNIGSTRASSE")
@example("STRASSE", "straße")
@example("\u212aelvin", "kelvin")
@example("Cafe\u0301 Mu\u0308ller", "café müller")
def test_a_record_that_holds_the_words_is_never_left_out(text: str, typed: str) -> None:
    """Whatever holds the words in the form in which names are compared may hold them in its bytes as well."""
    words = comparable(typed).split()
    if all(word in comparable(text) for word in words):
        assert may_hold(words)(msgspec.json.encode({"label": text}))


@pytest.mark.parametrize("text", ["Dvořák GmbH", "Müller\xa0KG", "Bäckerei Weiß", "Stadtwerke"])
def test_other_records_are_left_out(text: str) -> None:
    """A record without the words need not be decoded, also where it has umlauts or no-break spaces."""
    assert not may_hold(["vattenfall"])(msgspec.json.encode({"label": text}))
    assert not may_hold(["würth"])(msgspec.json.encode({"label": text}))
