"""CSV files: other programs read the same cells, for any texts and dialect."""

import csv
import io
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Transaction
from primanota.core.text import clean
from primanota.formats.writers.csv import Options, read_back, render
from tests.support.factories import MORNING, quick, statement, transaction

COLUMNS = [
    ("Day", "{booked:%Y-%m-%d}"),
    ("Who", "{counterparty}"),
    ("What", "{purpose}"),
    ("Amount", "{amount}"),
    ("Note; and more", "{note}"),
]
_NASTY = st.text(
    st.one_of(st.sampled_from(",;\t|\"'\r\n\0\x1a\x85\u2028 =-éł🧾"), st.characters(codec="utf-8")), max_size=20
)
_CENTS = st.integers(min_value=-(10**12), max_value=10**12)
TRANSACTIONS = st.builds(
    lambda counterparty, purpose, note, cents: transaction(
        counterparty=counterparty, purpose=purpose, note=note, amount=Money(cents)
    ),
    _NASTY,
    _NASTY,
    _NASTY,
    _CENTS,
)
_DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from(["minimal", "all", "text"]),
        "newline": st.sampled_from(["\r\n", "\n"]),
        "header": st.booleans(),
        "encoding": st.sampled_from(["utf-8", "utf-16-le"]),
    }
)


def _options(**changes: Any) -> Options:  # noqa: ANN401 - the fields have different types
    return msgspec.convert({"columns": COLUMNS, **changes}, Options)


def _bytes(rows: list[Transaction], options: Options) -> bytes:
    return b"".join(render(statement(rows), options))


def _cells(row: Transaction) -> list[str]:
    texts = (row.counterparty, row.purpose, f"{row.amount}", row.note)
    return [f"{MORNING:%Y-%m-%d}", *map(clean, texts)]


@quick
@given(rows=st.lists(TRANSACTIONS, max_size=8), dialect=_DIALECTS)
def test_cells_are_read_back(rows: list[Transaction], dialect: dict[str, Any]) -> None:
    """For any texts and dialect, another CSV reader finds the same cells."""
    options = _options(**dialect)
    text = io.StringIO(_bytes(rows, options).decode(options.encoding), newline="")
    headings = [options.headings] if options.header else []
    assert list(csv.reader(text, delimiter=options.delimiter, strict=True)) == [*headings, *map(_cells, rows)]


@quick
@given(rows=st.lists(TRANSACTIONS, min_size=1, max_size=4), dialect=_DIALECTS)
def test_each_piece_is_read_back(rows: list[Transaction], dialect: dict[str, Any]) -> None:
    """The cells read back from the pieces of a file are those of the rows."""
    options = _options(**dialect)
    found = [cells for piece in render(statement(rows), options) for cells in read_back(piece, options)]
    assert found[-len(rows) :] == [_cells(row) for row in rows]


@quick
@given(rows=st.lists(TRANSACTIONS, max_size=4))
def test_a_row_is_a_line(rows: list[Transaction]) -> None:
    """A text cannot add a line to the file, not even for a reader without quoting."""
    written = _bytes(rows, _options(newline="\n"))
    assert written.count(b"\n") == len(rows) + 1
    assert b"\r" not in written


@quick
@given(rows=st.lists(TRANSACTIONS, max_size=4))
def test_the_same_rows_are_the_same_bytes(rows: list[Transaction]) -> None:
    """The same rows give the same bytes."""
    assert _bytes(rows, _options()) == _bytes(list(rows), _options())


def test_a_file_to_the_byte() -> None:
    """The default dialect is RFC 4180: commas, CRLF, and quotes only where they are needed."""
    row = transaction(counterparty='The "Best", Ltd', purpose="Rent; October", note="")
    assert _bytes([row], _options()).decode() == (
        'Day,Who,What,Amount,Note; and more\r\n2026-10-05,"The ""Best"", Ltd",Rent; October,-1234.50,\r\n'
    )


def test_another_dialect_to_the_byte() -> None:
    """Delimiter, quotes, line ends, decimal mark, filler and header are those of the profile."""
    columns = [("Who", "{counterparty}"), ("Amount", "{amount:,}"), ("Note", "{note}")]
    options = _options(columns=columns, delimiter=";", quoting="all", newline="\n", header=False, empty="_")
    assert _bytes([transaction()], options).decode() == '"Müller GmbH";"-1234,50";"_"\n'


@quick
@given(
    rows=st.lists(TRANSACTIONS, min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t|"),
    mark=st.sampled_from(".,"),
)
def test_texts_are_quoted_and_numbers_are_not(rows: list[Transaction], delimiter: str, mark: str) -> None:
    """With “text”, texts are quoted, and numbers and days only if they contain the delimiter."""
    columns = [
        ("Day", "{booked:%Y-%m-%d}"),
        ("Who", "{counterparty}"),
        ("In", f"{{money_in:{mark}}}"),
        ("N", "{receipts}"),
    ]
    written = _bytes(rows, _options(columns=columns, delimiter=delimiter, quoting="text")).decode()
    expected = [delimiter.join(f'"{heading}"' for heading, _ in columns)]
    for row in rows:
        name = clean(row.counterparty).replace('"', '""')
        amount = f"{row.amount:{mark}}" if row.amount.cents > 0 else ""
        quote = '"' if delimiter in amount else ""
        expected.append(delimiter.join((f"{MORNING:%Y-%m-%d}", f'"{name}"', f"{quote}{amount}{quote}", "0")))
    assert written == "".join(f"{line}\r\n" for line in expected)


@quick
@given(rows=st.lists(TRANSACTIONS, min_size=1, max_size=4))
def test_the_minimum_length_of_texts(rows: list[Transaction]) -> None:
    """With a minimum length, a shorter text gets the filler at its end, and other texts are unchanged."""
    options = _options(columns=[("Who", "{counterparty}"), ("What", "{purpose}")], empty="--", shortest=2)
    found = read_back(_bytes(rows, options), options)[1:]
    texts = [(clean(row.counterparty), clean(row.purpose)) for row in rows]
    assert found == [[text if len(text) > 1 else f"{text}--" for text in row] for row in texts]


def test_the_filler_of_an_amount_is_quoted() -> None:
    """With “text”, the filler of an empty amount is quoted, and so is an amount joined with words."""
    columns = [("In", "{money_in}"), ("Original", "{original}"), ("Both", "{amount} {currency}")]
    written = _bytes([transaction()], _options(columns=columns, quoting="text", empty="_", header=False)).decode()
    assert written == '"_","_","-1234.50 EUR"\r\n'


def test_no_rows_give_the_headings() -> None:
    """An account without rows is a file of headings, or an empty file without a header."""
    assert _bytes([], _options()) == b"Day,Who,What,Amount,Note; and more\r\n"
    assert _bytes([], _options(header=False)) == b""


def test_texts_are_guarded_and_amounts_are_not() -> None:
    """A text like a formula gets the guard, and a negative amount does not."""
    row = transaction(counterparty="=1+1", purpose="-", note="@SUM(A1)")
    found = read_back(_bytes([row], _options(formula_guard="'")), _options())
    assert found[1] == ["2026-10-05", "'=1+1", "'-", "-1234.50", "'@SUM(A1)"]


def test_many_rows_come_in_pieces() -> None:
    """Many rows are written in several pieces, and no row is lost between two pieces."""
    rows = [transaction(purpose=f"row {number}") for number in range(1234)]
    pieces = list(render(statement(iter(rows)), _options()))
    assert len(pieces) > 2
    assert all(piece.endswith(b"\r\n") for piece in pieces)
    found = read_back(b"".join(pieces), _options())
    assert [cells[2] for cells in found[1:]] == [row.purpose for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16-be"])
def test_umlauts_are_in_the_given_encoding(encoding: str) -> None:
    """The bytes of a name are in the profile's encoding."""
    written = _bytes([transaction()], _options(encoding=encoding))
    assert "Müller GmbH".encode(encoding) in written
    assert written.decode(encoding).count("Müller") == 1


@pytest.mark.parametrize(
    ("encoding", "name", "written"),
    [
        ("latin-1", "Paweł", "Pawel"),
        ("latin-1", "5 €", "5 EUR"),
        ("cp1252", "Őrült €", "Orült €"),
        ("ascii", "Müller", "Mueller"),
    ],
)
def test_a_letter_that_the_encoding_lacks_is_transliterated(encoding: str, name: str, written: str) -> None:
    """A name with letters that the encoding lacks is transliterated, and that is reported."""
    rows = statement([transaction(counterparty=name)])
    cells = list(csv.reader(io.StringIO(b"".join(render(rows, _options(encoding=encoding))).decode(encoding))))
    assert cells[1][1] == written
    assert [(one.field, one.before, one.after) for one in rows.text_changes] == [("Who", name, written)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": [["Who", "{unknown}"]]}, "column “Who”: there is no field “unknown”"),
        ({"columns": [["Who", "{amount"]]}, "column “Who”: "),
        ({"columns": [["Who"]]}, r"at `\$\.columns\[0\]`"),
        ({"encoding": "utf-9"}, "there is no encoding “utf-9”"),
        ({"encoding": "base64"}, "there is no encoding “base64”"),
        ({"delimiter": ""}, "the delimiter must be one character"),
        ({"delimiter": ";;"}, "the delimiter must be one character"),
        ({"quoting": "some"}, r"at `\$\.quoting`"),
        ({"newline": "\r"}, r"at `\$\.newline`"),
        ({"header": "yes"}, r"at `\$\.header`"),
        ({"seperator": ";"}, "unknown field `seperator`"),
    ],
)
def test_an_invalid_dialect_is_refused(changes: dict[str, Any], message: str) -> None:
    """An invalid option is refused when the profile is read, and the error names the mistake."""
    with pytest.raises(msgspec.ValidationError, match=message):
        _options(**changes)


_BARE: dict[str, Any] = {"quoting": "none", "delimiter": ";", "banned": {";": ",", '"': "'"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"columns": [["Amount", "{amount:,}"]], "delimiter": ",", "banned": {",": ";", '"': "'"}},
            "column “Amount”",
        ),
        ({"columns": [["Day", "{booked:%d;%m;%Y}"]]}, "column “Day” needs quotes"),
        ({"columns": [["Who; what", "{counterparty}"]]}, "column “Who; what” needs quotes"),
        ({"empty": ";"}, "empty writes “;”, which needs quotes"),
        ({"formula_guard": "\n"}, "formula_guard writes"),
        ({"direction": ["in", "out;"]}, "direction writes “out;”, which needs quotes"),
        ({"banned": {";": '"', '"': "'"}}, 'banned writes “"”, which needs quotes'),
    ],
)
def test_what_needs_quotes_is_refused_without_them(changes: dict[str, Any], message: str) -> None:
    """A heading, number, day or replacement that needs quotes is refused when a profile without quotes is read."""
    with pytest.raises(msgspec.ValidationError, match=message):
        _options(**_BARE | changes)


@pytest.mark.parametrize(
    ("columns", "delimiter"),
    [([["Note", "{note}"]], ";"), ([["Amount", "{amount}"], ["Who", "{counterparty}"]], "9")],
)
def test_a_row_that_needs_quotes_is_refused_without_them(columns: list[list[str]], delimiter: str) -> None:
    """A row that needs quotes, for its only cell is empty or a number has the delimiter, is refused in a sentence."""
    options = _options(**_BARE | {"columns": columns, "delimiter": delimiter, "banned": {delimiter: ",", '"': "'"}})
    with pytest.raises(FormatRuleViolated, match="A row needs quotes"):
        _bytes([transaction(note="", amount=Money(9_99))], options)


@pytest.mark.parametrize("quoting", ["minimal", "all"])
def test_a_delimiter_inside_a_text_is_quoted(quoting: Literal["minimal", "all"]) -> None:
    """The delimiter and quotes inside a text stay inside their cell."""
    options = _options(delimiter=";", quoting=quoting)
    row = transaction(counterparty='a;"b";c', purpose='"')
    assert read_back(_bytes([row], options), options)[1][1:3] == ['a;"b";c', '"']
