"""The name that a profile gives to its files is one name in a folder on every file system, or a mistake."""

import string
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.profiles.validation import mistakes
from tests.support.factories import quick

_TEXT = 'title = "A"\nformat = "mt940"\nsource = "x"\nfile = {}\nsuffix = {}\n'


def _named(file: str, suffix: str = ".csv") -> list[str]:
    """Return the mistakes of a file's name and suffix, as users see them."""
    quoted = ['"' + "".join(f"\\U{ord(char):08X}" for char in text) + '"' for text in (file, suffix)]
    return [f"{one.line}: {one.message} {one.hint}" for one in mistakes(_TEXT.format(*quoted))]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("../../x", "a slash cannot stand in a name"),
        ("/etc/x", "a slash cannot stand in a name"),
        ("a\\b", "a backslash cannot stand in a name"),
        ("C:x", "“:” cannot stand in a name on every system"),
        ("{profile}\0", "a NUL cannot stand in a name"),
        ("a\nb", "the control character U+000A cannot stand in a name"),
        ("a\u202eb", "the control character U+202E cannot stand in a name"),
        ("a?b", "“?” cannot stand in a name on every system"),
        ("..", "“..” would lead out of the folder"),
        ("{period}..{account}", "“..” would lead out of the folder"),
        ("", "a name has more than dots and blanks"),
        (". ", "a name has more than dots and blanks"),
        (" x", "a name does not begin with a blank, a minus or a tilde"),
        ("-rf", "a name does not begin with a blank, a minus or a tilde"),
        ("x ", "a name does not end with a dot or a blank before its suffix"),
        ("CON", "“CON” is the name of a device in Windows"),
        ("lpt1", "“lpt1” is the name of a device in Windows"),
        ("nul.{period}", "“nul” is the name of a device in Windows"),
        ("x" * 121, "it has 121 bytes beside its fields, and 120 are the most"),
        ("é" * 61, "it has 122 bytes beside its fields, and 120 are the most"),
    ],
)
def test_an_unsafe_name_is_refused(file: str, said: str) -> None:
    """A name that would leave the folder, or that a file system refuses, is named with its line and a hint."""
    (named,) = _named(file)
    assert named == f"4: file: {said}. Write it like {{profile}}_{{account}}_{{period}}."


@pytest.mark.parametrize(
    ("suffix", "said"),
    [
        ("/../x", "a slash cannot stand in a name"),
        (".c\\sv", "a backslash cannot stand in a name"),
        (".csv:x", "“:” cannot stand in a name on every system"),
        (".csv\0", "a NUL cannot stand in a name"),
        ("...csv", "“..” would lead out of the folder"),
        (".csv ", "a name does not end with a dot or a blank on every system"),
        (".csv.", "a name does not end with a dot or a blank on every system"),
        (".csv\x1b[2J", "the control character U+001B cannot stand in a name"),
        ("." + "x" * 20, "it has 21 bytes beside its fields, and 20 are the most"),
    ],
)
def test_an_unsafe_suffix_is_refused(suffix: str, said: str) -> None:
    """The same for the end of the name."""
    (named,) = _named("{profile}", suffix)
    assert named == f"5: suffix: {said}. Write it like .csv."


@pytest.mark.parametrize(
    "file", ["{profile}_{account}_{period}", "{siren}FEC{year_end}", "Müller & Söhne {period}", "a"]
)
def test_a_usual_name_is_taken(file: str) -> None:
    """Letters of any language, blanks within and braces are part of a name."""
    assert _named(file) == []


@quick
@given(
    file=st.text(st.one_of(st.sampled_from("./\\:~-* con{}\0"), st.characters(codec="utf-8")), max_size=8),
    suffix=st.text(st.sampled_from(string.ascii_letters + "./\\: "), max_size=5),
)
def test_a_name_without_mistakes_is_one_component(file: str, suffix: str) -> None:
    """Any name that is not a mistake stays in its folder on POSIX and on Windows."""
    if _named(file, suffix or ".csv"):
        return
    name = file.format(profile="p", account="a", period="2026", siren="1", year_end="2") + (suffix or ".csv")
    for path in (PurePosixPath(name), PureWindowsPath(name)):
        assert (path.name, len(path.parts), path.is_absolute()) == (name, 1, False)
    assert name not in {"", ".", ".."}
