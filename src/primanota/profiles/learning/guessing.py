"""From a sample to what a profile of it says. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from primanota.formats.templates import names_in
from primanota.formats.writers import csv
from primanota.profiles.learning import contents, directions
from primanota.profiles.learning.amounts import Amounts, amounts
from primanota.profiles.learning.columns import Column, columns, days
from primanota.profiles.learning.dates import forms
from primanota.profiles.learning.doubts import Doubt, Open
from primanota.profiles.learning.headings import name_of
from primanota.profiles.learning.sample import read
from primanota.profiles.learning.texts import texts
from primanota.profiles.schema import Rules

_CURRENCY = "EUR"
_WHOLE = {"amount", "unsigned"}
_SIDES = {"money_in", "money_out"}
_NEVER_EMPTY = {"booked", *_WHOLE}
_GUARD = "'"
_FORMULA = tuple(_GUARD + sign for sign in "=+-@")


class Guess(NamedTuple):
    """What a profile would say: the dialect with its columns, and the rules.

    ``examples`` are what the columns say in the sample. ``doubts`` are the questions of which the guess is but the
    likeliest answer; ``notes`` what the sample does and no profile can.
    """

    options: csv.Options
    rules: Rules
    examples: list[str]
    doubts: list[Doubt]
    notes: list[str]


def learn(data: bytes, answers: Mapping[str, str] | None = None) -> Guess:
    """What a profile of a file like this would say.

    Args:
        data: a file that the tool accepts, or its template.
        answers: to questions that came up, by their topics.

    Raises:
        InvalidInput: it is no table.
    """
    still = Open(answers or {})
    sample = read(data, still)
    header = not any(map(contents.is_value, sample.rows[0]))
    headings = sample.rows[0] if header else [""] * len(sample.rows[0])
    rows = sample.rows[header:]
    empty = _filler(rows)
    known, language = columns(headings, rows, empty)
    booked = days(known, still)
    money = amounts([one for one in known if one.number not in booked], language, sample.delimiter, still)
    templates = _templates(known, booked, money, language, still)
    options = csv.Options(
        columns=[(one.heading if header else _name(templates[one.number]), templates[one.number]) for one in known],
        encoding=sample.encoding,
        delimiter=sample.delimiter,
        quoting=sample.quoting,
        newline=sample.newline,
        header=header,
        empty=empty,
        formula_guard=_GUARD if any(cell.startswith(_FORMULA) for row in rows for cell in row) else "",
        direction=money.direction or ("in", "out"),
    )
    examples = [next(iter(column.filled), "") for column in known]
    return Guess(options, _rules(options), examples, still.doubts, [*sample.notes, *money.notes])


def _templates(
    known: Sequence[Column], booked: Mapping[int, str], money: Amounts, language: str, still: Open
) -> dict[int, str]:
    """The template of each column, by its number."""
    written = forms([column for column in known if column.number in booked], language, still)
    mark = ":," if money.mark == "," else ""
    rest = [column for column in known if column.number not in booked and column.number not in money.fields]
    return {
        **{number: f"{{{field}:{written[number]}}}" for number, field in booked.items()},
        **{number: f"{{{field}{'' if field == 'direction' else mark}}}" for number, field in money.fields.items()},
        **texts(rest, mark, still),
    }


def _filler(rows: Sequence[Sequence[str]]) -> str:
    """What stands in cells that say nothing: some sign, if none is empty."""
    said = [{cell.strip() for cell in column} for column in zip(*rows, strict=True)]
    # A minus beside a plus says a lot.
    texts = set().union(*(values for values in said if len(values) != 2 or not directions.pairs(values)))
    return "" if "" in texts else next((filler for filler in contents.FILLERS if filler in texts), "")


def _name(template: str) -> str:
    """A heading for a column that has none."""
    names = names_in(template)
    return name_of("purpose" if "purpose" in names else min(names, default=template or "Nothing"))


def _rules(options: csv.Options) -> Rules:
    """What must hold of every file like this."""
    filled = [heading for heading, template in options.columns if names_in(template) & _NEVER_EMPTY]
    return Rules(
        required=list(dict.fromkeys(filter(None, filled))),
        currency="" if "currency" in options.fields else _CURRENCY,
        zero="skip" if options.fields & _SIDES and not options.fields & _WHOLE else "keep",
    )
