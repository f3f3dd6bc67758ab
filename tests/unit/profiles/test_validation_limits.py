"""Options that no sheet or no text can have are mistakes with a line; many mistakes take no quadratic time."""

from collections.abc import Iterable
from difflib import get_close_matches

import pytest

from primanota.core import errors, toml_source
from primanota.profiles.validation import mistakes

_HEAD = 'title = "A"\nformat = "{}"\nsource = "x"\n[options]\n'


def _named(options: str, kind: str = "csv") -> list[str]:
    found = mistakes(_HEAD.format(kind) + options)
    return [f"{one.line}: {one.message} {one.hint}".strip() for one in found]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("[options.lengths]\nA = 0", "7: lengths gives “A” 0, and a text has at least a character. Write a greater"),
        ("[options.lengths]\nA = -5", "7: lengths gives “A” -5, and a text has at least a character."),
        ("shortest = -1", "6: shortest is less than 0. Write a whole number from 0 on."),
        (
            'shortest = 3\nempty = "---"\n[options.lengths]\nA = 2',
            "9: lengths gives “A” 2, and a text has at least 3 characters, as shortest asks.",
        ),
        (
            'formula_guard = "\'"\n[options.banned]\n"\'" = "."',
            "6: formula_guard has “'”, which banned forbids. Use another guard, such as an underscore.",
        ),
        (f'empty = "{"x" * 32_768}"', "6: empty has 32,768 characters, and a cell holds 32,767 at most. Shorten it."),
    ],
)
def test_an_impossible_length_is_named(options: str, said: str) -> None:
    """A length of 0, or one that a cell cannot have, is named with its line and a hint."""
    (named,) = _named(f'columns = [["A", "{{purpose}}"]]\n{options}')
    assert named.startswith(said)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_heading_is_no_longer_than_a_cell(kind: str) -> None:
    """A heading of as many characters as a cell holds is taken, and one more is a mistake with its line."""
    assert _named(f'columns = [["{"x" * 32_767}", "{{purpose}}"]]', kind) == []
    (named,) = _named(f'columns = [\n["A", "{{id}}"],\n["{"x" * 32_768}", "{{purpose}}"]]', kind)
    assert named == "7: the heading of column 2 has 32,768 characters, and a cell holds 32,767 at most. Shorten it."
    # Excel counts two for a character beyond U+FFFF.
    (wide,) = _named(f'columns = [["{"🧾" * 16_384}", "{{purpose}}"]]', kind)
    assert "the heading of column 1 has 32,768 characters" in wide


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_has_so_many_columns(kind: str) -> None:
    """The most columns of a sheet are taken, and one more is a mistake, on the line of the first that is too many."""
    columns = "".join(f'["c{number}", "{{id}}"],\n' for number in range(16_385))
    (named,) = _named(f"columns = [\n{columns}]", kind)
    assert named == "16390: there are 16,385 columns, and a sheet has 16,384 at most. Leave columns out."


def test_deep_brackets_are_a_mistake() -> None:
    """A text with too many brackets within each other is a mistake, not a crash."""
    (one,) = mistakes(f"x = {'[' * 5_000}{']' * 5_000}")
    assert one.hint


def _mistaken(count: int) -> str:
    columns = "".join(f'["c{number}", "{{id}}"],\n' for number in range(count))
    lengths = "".join(f"d{number} = 5\n" for number in range(count))
    return f"{_HEAD.format('csv')}columns = [\n{columns}]\n[options.lengths]\n{lengths}"


def test_the_work_grows_with_the_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many mistakes parse twice as many characters, and compare twice as many words: not four times."""
    parsed, compared = [], []

    def read(text: str) -> object:
        parsed.append(len(text))
        return kept(text)

    def close(word: str, words: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
        known = list(words)
        compared.append(len(known))
        return get_close_matches(word, known, n, cutoff)

    kept = toml_source._read
    monkeypatch.setattr(toml_source, "_read", read)
    monkeypatch.setattr(errors, "get_close_matches", close)
    work = []
    for count in (300, 600):
        parsed.clear()
        compared.clear()
        assert len(mistakes(_mistaken(count))) == count
        work.append((sum(parsed), sum(compared)))
    (parsed_few, compared_few), (parsed_many, compared_many) = work
    assert parsed_many <= 2.2 * parsed_few
    assert compared_many <= 2.2 * compared_few


def test_many_known_words_are_cut_short() -> None:
    """A hint names some of very many known words, and how many more there are."""
    hint = errors.among("zzz", (f"c{number}" for number in range(5_000)))
    assert hint.endswith("c59 and 4940 more.")
