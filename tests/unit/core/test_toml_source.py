"""Positions in a TOML text: every value has its line, and a text is set without another change."""

import re
import tomllib
from itertools import takewhile
from operator import eq
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core import toml_source
from tests.support.factories import quick

FILE = '''# mine
default = "acme"   # the one = that is meant

[organisation.acme]
secret = 'keyring'\t# a "reference"
words = """
[organisation.other]
secret = "no"
"""
list = [
  { a = 1 },  # one
  { b = 2 },
]

[[organisation.acme.rule]]
account = "6855"
tax = { 19 = "9" }

[organisation.acme.ledger]   # between the rules
bank = "1800"

[[organisation.acme.rule]]
[organisation.acme.rule.tax]
"5.5" = "8"
'''
_PIECES = [
    "",
    "# a comment\n",
    "[organisation.acme]  # here\nsecret = 'x'   # there\n\n",
    '[organisation.acme.ledger]\nbank = "1800"\nnames = { \'1\' = "a = b" }\n',
    "[[organisation.acme.rule]]\naccount = '''\n[organisation.acme]\nsecret = \"y\"\n'''\n",
    "[[organisation.acme.rule]]\n[organisation.acme.rule.tax]\n19 = '9'\n\n",
    "[organisation]\n",
    '[organisation."a b"]\r\n\'secret\' = "z"\r\n',
    "[other] # nothing",
]


def _reach(value: Any, keys: toml_source.Keys) -> Any:  # noqa: ANN401 - any TOML value
    for key in keys:
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("default",), 2),
        (("organisation",), 4),
        (("organisation", "acme"), 4),
        (("organisation", "acme", "secret"), 5),
        (("organisation", "acme", "words"), 6),
        (("organisation", "acme", "list"), 10),
        (("organisation", "acme", "list", 0), 11),
        (("organisation", "acme", "list", 1, "b"), 12),
        (("organisation", "acme", "rule"), 15),
        (("organisation", "acme", "rule", 0), 15),
        (("organisation", "acme", "rule", 0, "tax", "19"), 17),
        (("organisation", "acme", "ledger", "bank"), 20),
        (("organisation", "acme", "rule", 1), 22),
        (("organisation", "acme", "rule", 1, "tax"), 23),
        (("organisation", "acme", "rule", 1, "tax", "5.5"), 24),
    ],
)
def test_the_line_of_each_thing(keys: toml_source.Keys, line: int) -> None:
    """A value is on the line where its statement begins, or its list item, also beside text like TOML."""
    assert toml_source.lines(FILE)[keys] == line


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("list = [1, 2,\n3]", [1, 1, 2]),
        ("list = [ # one, two\n  1, # [x, y]\n\n  # and\n  [2,\n  2], 3\n  , 4,\n]", [2, 5, 6, 7]),
        ('list = [\n  ["a, b", "]"],\n  ["""\n,""", ""],\n  { c = "," },\n]', [2, 3, 5]),
        ("x = { list = [1,\n2] }", [1, 2]),
        ("x.list = [\n1\n]", [2]),
        ('"[=," = [\n1,\n2]', [2, 3]),
    ],
)
def test_the_line_of_each_item(text: str, lines: list[int]) -> None:
    """Items of a list have their own lines, for any content of them and of the comments beside them."""
    items = {keys: line for keys, line in toml_source.lines(text).items() if isinstance(keys[-1], int)}
    shortest = min(map(len, items))
    assert [line for keys, line in sorted(items.items()) if len(keys) == shortest] == lines


def test_everything_has_a_line() -> None:
    """Every value of the file has a line, and nothing else has one."""
    said = tomllib.loads(FILE)
    assert all(_reach(said, keys) is not None for keys in toml_source.lines(FILE))
    assert ("organisation", "other") not in toml_source.lines(FILE)


@pytest.mark.parametrize(
    ("table", "key", "before", "after"),
    [
        ((), "default", '"acme"   # the', '"new"   # the'),
        (("organisation", "acme"), "secret", "'keyring'\t#", '"new"\t#'),
        (("organisation", "acme"), "api_url", "  { b = 2 },\n]\n", '  { b = 2 },\n]\napi_url = "new"\n'),
        (("organisation", "third"), "secret", '"8"\n', '"8"\n\n[organisation.third]\nsecret = "new"\n'),
        (("organisation", "a.b"), "secret", '"8"\n', '"8"\n\n[organisation."a.b"]\nsecret = "new"\n'),
    ],
)
def test_one_text_is_set(table: tuple[str, ...], key: str, before: str, after: str) -> None:
    """A value changes in place; a new key is added at the end of its table, a new table at the end of the file."""
    assert toml_source.with_text(FILE, table, key, "new") == FILE.replace(before, after)


def test_a_text_is_set_in_an_empty_file() -> None:
    """In an empty file, only the new value is written; a key outside of tables comes first."""
    made = toml_source.with_text(
        toml_source.with_text("", ("organisation", "acme"), "secret", "file"), (), "default", "acme"
    )
    assert made == 'default = "acme"\n[organisation.acme]\nsecret = "file"\n'


@pytest.mark.parametrize(
    "text",
    [
        'organisation = { acme = { a = "x" } }',
        "[organisation]\nacme = { a = 1 }",
        "organisation.acme.a = 1",
        '[organisation.acme]\nsecret = """x\ny"""',
    ],
)
def test_a_value_without_a_place_is_refused(text: str) -> None:
    """A new key of an inline table or with dots, and a value of several lines, are refused."""
    with pytest.raises(ValueError, match=r"“secret” of “organisation\.acme” is written in a form that"):
        toml_source.with_text(text, ("organisation", "acme"), "secret", "new")


@pytest.mark.parametrize(
    "text", ['organisation = { acme = { secret = "x" } }', "[organisation]\nacme.secret = 'x' # \"x\""]
)
def test_a_text_in_braces_or_with_dots_is_replaced(text: str) -> None:
    """An existing key of an inline table or with dots gets its new value in place."""
    changed = toml_source.with_text(text, ("organisation", "acme"), "secret", "new")
    assert changed == re.sub("""['"]x['"]""", '"new"', text, count=1)


@quick
@given(
    pieces=st.permutations(_PIECES).flatmap(lambda pieces: st.integers(1, len(pieces)).map(lambda end: pieces[:end])),
    table=st.sampled_from([(), ("organisation", "acme"), ("organisation", "a b"), ("organisation", 'ä"\n\x7f')]),
    value=st.text(max_size=6),
)
def test_nothing_else_changes(pieces: list[str], table: tuple[str, ...], value: str) -> None:
    """In any file, the new text is set, all other values stay the same, and no other line changes."""
    text = "\n".join(pieces)
    changed = toml_source.with_text(text, table, "secret", value)
    said = inside = tomllib.loads(text)
    for name in table:
        inside = inside.setdefault(name, {})
    inside["secret"] = value
    assert tomllib.loads(changed) == said
    before, after = text.splitlines(), changed.splitlines()
    same = sum(takewhile(bool, map(eq, before, after)))
    same += sum(takewhile(bool, map(eq, before[same:][::-1], after[same:][::-1])))
    assert len(before) - same <= 1
