"""English sentences of the program that are recognised by their text, and said again in another language. Pure.

Some sentences are English where they are made, and where the book keeps them: why an account is not proven, what a
sample leaves open, the rules of a tool. A sentence that is not known, such as an error, stays as it is.

The name of a placeholder, up to the first underscore, says what it is: ``amount``, ``number``, ``day``, ``status``;
``sentence`` is another such sentence; anything else is a text that stays.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.language.catalogue import Texts, load
from primanota.core.language.notation import Notation, notation

# What can stand for a placeholder, as these sentences write it; else any text.
_FORMS = {
    "amount": r"-?[0-9]+\.[0-9]{2}",
    "number": "[0-9]+(?:,[0-9]{3})*",
    "day": "[0-9]{1,2} [A-Z][a-z]+ [0-9]{4}",
    "status": "[a-z]+",
}


class KnownSentences:
    """The sentences of a part of the catalogue; an earlier one is recognised first.

    Args:
        part: the part, whose texts may be in tables.
        kind: the struct of its texts.
    """

    def __init__(self, part: str, kind: type[Texts]) -> None:
        self._part = part
        self._kind = kind
        self._said: dict[str, Mapping[str, str]] = {}

    def say(self, sentence: str, language: str, *, plain: bool = False) -> str:
        """Return a sentence in a language; the same text where it is not known.

        Args:
            sentence: the English text.
            language: the language, such as ``de``; English for one that is not supported.
            plain: whether amounts, numbers, days and statuses stay as programs read them.
        """
        for name, pattern in self._patterns.items():
            if found := pattern.fullmatch(sentence):
                values = {
                    one: self._value(one.partition("_")[0], text, language, plain=plain)
                    for one, text in found.groupdict().items()
                }
                return self._texts(language)[name].format_map(values)
        return sentence

    def _value(self, kind: str, text: str, language: str, *, plain: bool) -> str:
        if kind == "sentence":
            return self.say(text, language, plain=plain)
        if plain or kind not in _WRITE:
            return text
        return _WRITE[kind](text, language, notation(language))

    def _texts(self, language: str) -> Mapping[str, str]:
        if language not in self._said:
            self._said[language] = _flat(msgspec.to_builtins(load(self._part, language, self._kind)))
        return self._said[language]

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        """A pattern for each sentence, made of its English text."""
        return {name: re.compile(_pattern(text), re.DOTALL) for name, text in self._texts("en").items()}


def _flat(texts: Mapping[str, Any], path: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, text in texts.items():
        found |= _flat(text, f"{path}{name}.") if isinstance(text, dict) else {f"{path}{name}": text}
    return found


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(
        f"(?P<{part}>{_FORMS.get(part.partition('_')[0], '.+')})" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )


def _amount(text: str, _: str, notes: Notation) -> str:
    whole, _, part = text.removeprefix("-").partition(".")
    return f"{'-' if text.startswith('-') else ''}{notes.number(int(whole))}{notes.decimal}{part}"


def _number(text: str, _: str, notes: Notation) -> str:
    return notes.number(int(text.replace(",", "")))


def _day(text: str, _: str, notes: Notation) -> str:
    return notes.day(datetime.strptime(text, "%d %B %Y"))  # noqa: DTZ007 - a day has no zone


def _status(text: str, language: str, _: Notation) -> str:
    return bookkeeping(language).status.of(text)


_WRITE: Mapping[str, Callable[[str, str, Notation], str]] = {
    "amount": _amount,
    "number": _number,
    "day": _day,
    "status": _status,
}
