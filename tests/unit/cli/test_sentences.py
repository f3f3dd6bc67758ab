"""Sentences in a terminal: nothing is lost, and no word is broken."""

from hypothesis import given
from hypothesis import strategies as st

from primanota.cli.terminal.sentences import folded
from primanota.core.text import display_width
from tests.support.factories import quick

_WORDS = st.lists(st.text(st.sampled_from("aä語“”.:"), min_size=1, max_size=12), min_size=1, max_size=12)


@quick
@given(_WORDS, st.integers(1, 30))
def test_no_word_is_broken_or_lost(words: list[str], width: int) -> None:
    """The lines have all words in their order; a line is wider than the terminal only if it is a single word."""
    lines = folded(" ".join(words), width)
    assert " ".join(lines).split() == " ".join(words).split()
    assert all(display_width(line) <= width or " " not in line for line in lines)


def test_what_is_copied_stays_in_one_piece() -> None:
    """A quoted name and a command to type are not divided, if they fit on a line."""
    assert folded("No run is scheduled on this machine: primanota schedule install", 60) == [
        "No run is scheduled on this machine:",
        "primanota schedule install",
    ]
    assert folded(
        "To accept one: primanota review accept ID. To write it again: primanota export P --changed", 50
    ) == [
        "To accept one: primanota review accept ID. To",
        "write it again: primanota export P --changed",
    ]
    assert folded("Written: lexware_hauptkonto-0010_batch-1.csv (8 rows)", 40) == [
        "Written:",
        "lexware_hauptkonto-0010_batch-1.csv (8",
        "rows)",
    ]
    assert folded("Buchen Sie mit „primanota batches imported 1“ den Import", 32) == [
        "Buchen Sie mit",
        "„primanota batches imported 1“",
        "den Import",
    ]


def test_an_indented_sentence_stays_indented() -> None:
    """The lines of an indented sentence begin below its first word."""
    assert folded("       Run it again in a minute, please.", 26) == [
        "       Run it again in a",
        "       minute, please.",
    ]
