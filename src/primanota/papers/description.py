"""Write the description of a procedure as Markdown, in German, French or English. Pure.

Facts of law are stated with their source, as of the version of the program; the description supports the duties of
GoBD and their like, and claims no certificate.
"""

import re
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from primanota.core.language.notation import notation
from primanota.core.text import visible
from primanota.papers.procedure import Procedure

_NONE: Final = "–"  # noqa: RUF001 - a dash, as in the tables
LANGUAGES: Final = ("de", "en", "fr")
# The place of the contents in a template, which no escaped value can be; and a heading that is among them.
_CONTENTS: Final = "<!-- contents -->"
_HEADING = re.compile(r"^## (\d+)\. (.*)$", re.MULTILINE)
# What Markdown or HTML would take for a sign of theirs.
_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|!~&])")


def description(procedure: Procedure, language: str) -> str:
    """Return the description in a language of :data:`LANGUAGES`, as Markdown (CommonMark, with tables)."""
    writing = notation(language)
    text = (
        _environment()
        .get_template(f"procedure.{language}.md")
        .render(
            p=procedure,
            day=lambda day: writing.day(day) if day else _NONE,
            moment=writing.moment,
            number=writing.number,
            days=lambda first, last: writing.days(first, last) if first else _NONE,
        )
    )
    return text.replace(_CONTENTS, "\n".join(f"- {number}\\. {words}" for number, words in _HEADING.findall(text)), 1)


def title_of(text: str) -> str:
    """Return the title of a description: its first line, without the sign of a heading."""
    return text.split("\n", 1)[0].removeprefix("# ")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("primanota.papers"),
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - it is Markdown, and ``finalize`` escapes each value
    )


def _escaped(value: object) -> str:
    """Return a value as text in which no sign has a meaning, on one line."""
    return _SIGNS.sub(r"\\\1", visible(" ".join(str(value).split())))
