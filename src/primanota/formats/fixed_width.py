"""Records of fixed width, described field by field as in the banks' documents. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Statement
from primanota.core.text import clean
from primanota.formats.charsets import shorten, transliterate

_LINES_AT_ONCE = 1000


class Field(NamedTuple):
    """A field of a record, from its first to its last place, counted from 1 and included, as in the documents.

    ``form`` is a ``%`` format that fills the whole field.
    """

    name: str
    first: int
    last: int
    form: str

    @property
    def width(self) -> int:
        """Return the number of places."""
        return self.last - self.first + 1


def constant(value: str, first: int, last: int = 0) -> Field:
    """Return a field that has the same value in every record."""
    return Field("", first, last or first, value)


def text(name: str, first: int, last: int = 0) -> Field:
    """Return a text field: left-aligned, padded with blanks."""
    last = last or first
    return Field(name, first, last, f"%({name})-{last - first + 1}s")


def digits(name: str, first: int, last: int = 0) -> Field:
    """Return a field of a whole number that is not negative: right-aligned, padded with zeros."""
    last = last or first
    return Field(name, first, last, f"%({name})0{last - first + 1}d")


class Record:
    """A record: a line of a width. Places that are not part of a field are blank.

    Args:
        width: number of characters.
        fields: in the order of their places.
    """

    def __init__(self, width: int, *fields: Field) -> None:
        self._width = width
        self._fields = fields
        ends = [0, *(field.last for field in fields)]
        gaps = [field.first - end - 1 for field, end in zip(fields, ends, strict=False)]
        self._form = "".join(" " * gap + field.form for field, gap in zip(fields, gaps, strict=True))
        self._form += " " * (width - ends[-1])

    def __call__(self, **values: str | int) -> str:
        """Return the line with these values, by the names of the fields.

        Raises:
            FormatRuleViolated: a value is longer than its field; the message names it.
        """
        line = self._form % values
        # A form fills its field and never cuts, so a line that is too long has a value that is.
        if len(line) != self._width:
            raise self._too_long(values)
        return line

    def _too_long(self, values: dict[str, str | int]) -> FormatRuleViolated:
        field = next(field for field in self._fields if len(field.form % values) > field.width)
        name, value = field.name.replace("_", " "), values[field.name]
        what = f"The {name} {value} does not fit into the {field.width} places that this format has for it."
        return FormatRuleViolated(
            what, "Export a shorter period, or use a format without such limits: camt-de, or a CSV."
        )


def encode_lines(lines: Iterable[str], encoding: str) -> Iterator[bytes]:
    """Yield lines as bytes, each ended by CR and LF, many at once."""
    rest = iter(lines)
    while piece := list(islice(rest, _LINES_AT_ONCE)):
        yield "\r\n".join([*piece, ""]).encode(encoding)


class Counted:
    """An iterable of lines that counts them; ``number`` is the count so far."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number += 1
            yield line


class SignTotals:
    """Counts and sums of amounts by the format's code of their sign, for closing records. Cents without a sign.

    Args:
        sign: returns the code of an amount.
    """

    def __init__(self, sign: Callable[[int], str]) -> None:
        self._sign = sign
        self.counts: Counter[str] = Counter()
        self.sums: Counter[str] = Counter()

    def add(self, cents: int) -> None:
        """Add an amount."""
        self.counts[self._sign(cents)] += 1
        self.sums[self._sign(cents)] += abs(cents)


def account_holder(statement: Statement, charset: str, width: int) -> str:
    """Return the name of the account's holder in the file's characters: the company's, else the account's name."""
    name = statement.company.name if statement.company else statement.account.name
    return shorten(transliterate(clean(name), charset), width)
