"""Show moments in the forms of Python's ``strftime``, many at once. Pure."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter

DIRECTIVES = {
    "%Y": ("%04d", "year"),
    "%m": ("%02d", "month"),
    "%d": ("%02d", "day"),
    "%H": ("%02d", "hour"),
    "%M": ("%02d", "minute"),
    "%S": ("%02d", "second"),
}
_OF_A_TIME = {"%H", "%M", "%S"}
_DIRECTIVE = re.compile("|".join(DIRECTIVES))
_TIME = "%H:%M:%S"
_TWO_DIGITS = [f"{number:02}" for number in range(60)]


def formatter(spec: str) -> Callable[[datetime], str]:
    """Return a function that shows moments as ``format`` does; faster where the form has usual directives only.

    The text of a day is kept, since many moments are of the same day.
    """
    asked = _DIRECTIVE.findall(spec)
    if not asked or "%" in _DIRECTIVE.sub("", spec):
        return lambda moment: format(moment, spec)
    before, _, after = spec.partition(_TIME)
    if not _OF_A_TIME.isdisjoint(_DIRECTIVE.findall(f"{before} {after}")):
        form, parts = _percent_form(spec), attrgetter(*(DIRECTIVES[directive][1] for directive in asked))
        return lambda moment: form % parts(moment)
    texts_of = lru_cache(maxsize=64)(lambda day: (_of_day(before, day), _of_day(after, day)))
    if _TIME not in spec:
        return lambda moment: texts_of(moment.date())[0]

    def show(moment: datetime) -> str:
        first, last = texts_of(moment.date())
        time = f"{_TWO_DIGITS[moment.hour]}:{_TWO_DIGITS[moment.minute]}:{_TWO_DIGITS[moment.second]}"
        return f"{first}{time}{last}"

    return show


def _of_day(spec: str, day: date) -> str:
    names = [DIRECTIVES[directive][1] for directive in _DIRECTIVE.findall(spec)]
    return _percent_form(spec) % tuple(getattr(day, name) for name in names)


def _percent_form(spec: str) -> str:
    return _DIRECTIVE.sub(lambda found: DIRECTIVES[found[0]][0], spec)
