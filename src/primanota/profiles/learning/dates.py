"""The format of the days of a sample. Pure."""

from collections.abc import Sequence
from datetime import date, datetime

from primanota.profiles.learning.columns import Column
from primanota.profiles.learning.headings import day_form
from primanota.profiles.learning.questions import Answer, Questions, read_template

_LOCAL = {"de": "%d.%m.%Y", "nl": "%d-%m-%Y"} | dict.fromkeys(("fr", "it", "es", "pt"), "%d/%m/%Y")
_USUAL = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
_EXAMPLE = date(2026, 10, 5)


def forms(known: Sequence[Column], language: str, questions: Questions) -> dict[int, str]:
    """Return the format of each of these columns of days, by number: one for all if one fits all."""
    likely = {column.number: _likely(column, language) for column in known}
    common = [day for day in next(iter(likely.values()), []) if all(day in days for days in likely.values())]
    chosen = {}
    for column in known:
        topic = "Days" if common or len(known) == 1 else f"Days of {column.topic.lower()}"
        day = _decide(topic, column, common or likely[column.number], questions)
        chosen[column.number] = day + next((time for form, time in column.forms if form == day), "")
    return chosen


def _likely(column: Column, language: str) -> list[str]:
    """Return the possible formats of its days: by its cells, else by its heading or its language."""
    read = list(dict.fromkeys(day for day, _ in column.forms))
    named = day_form(column.heading)
    if named and (named in read or not column.filled):
        return [named]
    if column.filled:
        return read
    return list(dict.fromkeys((_LOCAL.get(language, _USUAL[0]), *_USUAL)))


def _decide(topic: str, column: Column, days: Sequence[str], questions: Questions) -> str:
    question = f"{column.shown}: how are days written?"
    answers, choices = ([Answer(day, _meaning(column, day)) for day in some] for some in (days, _USUAL))
    return questions.decide(topic, question, answers, _read, choices)


def _meaning(column: Column, form: str) -> str:
    """Return what the first day of a column is in a format; for an empty column, an example of the format."""
    for day, time in column.forms:
        if day == form:
            moment = datetime.strptime(column.filled[0], day + time)  # noqa: DTZ007 - it is written without a zone
            return f"“{column.filled[0]}” is {moment.day} {moment:%B %Y}"
    return f"{_EXAMPLE:{form}}"


def _read(form: str) -> str:
    if "%" not in form:
        raise ValueError(f"Write it like %d.%m.%Y, which is {_EXAMPLE:%d.%m.%Y}.")
    read_template(f"{{booked:{form}}}")
    return form
