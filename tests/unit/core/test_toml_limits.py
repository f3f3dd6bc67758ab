"""What no program can read as TOML is a mistake with a sentence: many levels, and numbers of thousands of digits."""

import pytest

from primanota.adapters.settings import by_organisation, toml_file
from primanota.core import toml_source
from primanota.core.errors import among
from primanota.core.toml_source import NotToml, parsed
from primanota.profiles.validation import mistakes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"x{'.x' * 3_000} = 1", "too deep"),
        (f"[x{'.x' * 3_000}]", "too deep"),
        (f"[x{' . x' * 3_000}]", "too deep"),
        ("".join(f"[a{'.x' * depth}]\n" for depth in (30, 59, 61)), "too deep"),
        (f"x = {'[' * 61}{']' * 61}", "too deep"),
        (f"x = {'{a=' * 3_000}", "too deep"),
        (f"x = {'9' * 6_000}", "too many digits"),
        (f"x = 0x{'9' * 6_000}", "this is not TOML|too many digits"),
        ("x = ", "this is not TOML"),
    ],
)
def test_what_cannot_be_used(text: str, said: str) -> None:
    """Each is one mistake of a profile, with its sentence; reading the text raises the same."""
    if said.startswith("this is not TOML|"):
        parsed(text)  # hexadecimal numbers have no such limit
        return
    with pytest.raises(NotToml, match=said):
        parsed(text)
    (one,) = mistakes(text)
    assert said in one.message


@pytest.mark.parametrize(
    "text", [f'x = "{"a." * 50}"', f"x = {'[' * 50}{']' * 50}", f"x = {'1' * 4_000}", "x = 1e999999"]
)
def test_what_can_be_used(text: str) -> None:
    """Fewer levels, and numbers of some thousand digits, are read."""
    assert parsed(text)


def test_many_broken_tables_take_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as many tables of organisations, each of them twice there, parse twice as many characters."""
    work: list[int] = []

    def read(text: str) -> object:
        work[-1] += len(text)
        return parsed(text)

    monkeypatch.setattr(by_organisation, "parsed", read)
    for count in (400, 800):
        work.append(0)
        tables = "".join(f"[organisation.a{place}]\nsecret = \n" for place in range(count))
        by_organisation.readable(tables, toml_file._File, lambda *_: (), toml_source.Keys.__repr__)
    few, many = work
    assert many <= 3 * few


def test_a_long_word_is_cut_in_a_hint() -> None:
    """A hint names known words of many thousand letters by their beginnings, and so does a mistake."""
    assert len(among("x", ["y" * 40_000] * 70)) < 5_000
    heading = "h" * 30_000
    text = f'title = "a"\nformat = "csv"\nsource = "x"\n[options]\ncolumns = [["{heading}", "{{nothing}}"]]\n'
    assert all(len(one.message) + len(one.hint) < 2_000 for one in mistakes(text))
