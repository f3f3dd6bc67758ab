"""Guess a profile from a sample. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.core.text import shortened
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.templates import names_in
from primanota.formats.writers import csv
from primanota.profiles.learning import cell_values, directions
from primanota.profiles.learning.amounts import Amounts, amounts
from primanota.profiles.learning.columns import Column, columns
from primanota.profiles.learning.dates import forms
from primanota.profiles.learning.days import days
from primanota.profiles.learning.headings import default_heading
from primanota.profiles.learning.questions import Question, Questions
from primanota.profiles.learning.sample import Sample, read
from primanota.profiles.learning.texts import texts
from primanota.profiles.schema import Rules

_CURRENCY = "EUR"
_WHOLE = {"amount", "unsigned"}
_SIDES = {"money_in", "money_out", "money_out_signed"}
_NEVER_EMPTY = {"booked", *_WHOLE}
_GUARD = "'"
_LONGEST = 200


class Guess(NamedTuple):
    """A guessed profile: the dialect with its columns, and the rules.

    ``examples`` has a cell of each column. ``questions`` are open: the guess has their most likely answers. ``notes``
    tell what the sample does and a profile cannot do.
    """

    options: csv.Options
    rules: Rules
    examples: list[str]
    questions: list[Question]
    notes: list[str]


def learn(data: bytes, answers: Mapping[str, str] | None = None) -> Guess:
    """Guess the profile of a file.

    Args:
        data: a file that the tool accepts, or its template.
        answers: to the questions of an earlier guess, by their topics.

    Raises:
        InvalidInput: the file is not a table.
    """
    questions = Questions(answers or {})
    sample = read(data, questions)
    header = not any(map(cell_values.is_value, sample.rows[0]))
    headings = sample.rows[0] if header else [""] * len(sample.rows[0])
    rows = sample.rows[header:]
    empty = _filler(rows)
    known, language = columns(headings, rows, empty)
    booked = days(known, questions)
    money = amounts([one for one in known if one.number not in booked], language, sample.delimiter, questions)
    templates = _templates(known, booked, money, language, questions)
    columns_ = [(one.heading if header else _name(templates[one.number]), templates[one.number]) for one in known]
    options = _options(sample, columns_, header=header, empty=empty, direction=money.direction)
    examples = [next(iter(column.filled), "") for column in known]
    return Guess(options, _rules(options), examples, questions.open, [*sample.notes, *_few(rows), *money.notes])


def _options(
    sample: Sample, found: list[tuple[str, str]], *, header: bool, empty: str, direction: tuple[str, str] | None
) -> csv.Options:
    """Return the dialect of a sample with its columns.

    Raises:
        InvalidInput: no profile can write it: a heading or a text is longer than a cell of a sheet.
    """
    try:
        return csv.Options(
            columns=found,
            encoding=sample.encoding,
            delimiter=sample.delimiter,
            quoting=sample.quoting,
            newline=sample.newline,
            header=header,
            empty=empty,
            formula_guard=_GUARD,
            direction=direction or ("in", "out"),
        )
    except InvalidOptions as error:
        what = shortened(f"{error}", _LONGEST)
        raise InvalidInput(f"No profile can write this sample: {what}.", "Take a simpler file of the tool.") from None


def _templates(
    known: Sequence[Column], booked: Mapping[int, str], money: Amounts, language: str, questions: Questions
) -> dict[int, str]:
    """Return the template of each column, by number."""
    written = forms([column for column in known if column.number in booked], language, questions)
    mark = ":," if money.mark == "," else ""
    rest = [column for column in known if column.number not in booked and column.number not in money.fields]
    return {
        **{number: f"{{{field}:{written[number]}}}" for number, field in booked.items()},
        **{number: f"{{{field}{'' if field == 'direction' else mark}}}" for number, field in money.fields.items()},
        **texts(rest, mark, questions),
    }


def _filler(rows: Sequence[Sequence[str]]) -> str:
    """Return the filler of cells without a value; empty if there are empty cells."""
    values = [{cell.strip() for cell in column} for column in zip(*rows, strict=True)]
    # A minus next to a plus is not a filler.
    texts = set().union(*(words for words in values if len(words) != 2 or not directions.pairs(words)))  # noqa: PLR2004 - in, out
    return "" if "" in texts else next((filler for filler in cell_values.FILLERS if filler in texts), "")


def _few(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a note if the sample has too few rows to show what is the same in all of them."""
    one = "The sample has only one row, which does not show what is the same in every row."
    return [one] if len(rows) == 1 else []


def _name(template: str) -> str:
    """Return a heading for a column without one."""
    names = names_in(template)
    return default_heading("purpose" if "purpose" in names else min(names, default=template or "Nothing"))


def _rules(options: csv.Options) -> Rules:
    """Return the rules of files like this."""
    filled = [heading for heading, template in options.columns if names_in(template) & _NEVER_EMPTY]
    return Rules(
        required=list(dict.fromkeys(filter(None, filled))),
        currency="" if "currency" in options.fields else _CURRENCY,
        zero="skip" if options.fields & _SIDES and not options.fields & _WHOLE else "keep",
    )
