"""Why an account is not proven, in words of a language. Pure.

A reason is a sentence part in English where it is found and where the book keeps it. For a person it is recognised by
its English text, and said again in their language; a reason that is not known, such as an error, stays as it is.
"""

import re
from collections.abc import Mapping
from functools import cache

import msgspec

from primanota.core.language.catalogue import Texts, load
from primanota.core.language.notation import Notation, notation

# What can stand for a placeholder: amounts and numbers as reasons write them, else any text.
_FORMS = {"amount": r"-?[0-9]+\.[0-9]{2}", "number": "[0-9]+"}


class ProofReasons(Texts, frozen=True):
    """The text of each reason. The name of a placeholder says what it is: ``amount``, ``number``, or a text."""

    gap: str
    counts: str
    late_start: str
    sums: str
    asked_in_vain: str
    counts_in_parts: str
    other_account: str
    id_of_other_account: str
    other_page: str
    counts_while_read: str
    counts_and_sent: str
    short_page: str
    more_flaws: str
    never_read: str
    gone_unproven: str
    gone_and: str


def proof_reason(reason: str, language: str, *, plain: bool = False) -> str:
    """Return a reason in a language; the same text where it is not known, or for English.

    Args:
        reason: the English text.
        language: the language, such as ``de``.
        plain: whether amounts and numbers stay as programs read them.
    """
    texts, notes = _texts(language), notation(language)
    for name, pattern in _patterns().items():
        if found := pattern.fullmatch(reason):
            values = {one: _said(one, text, language, notes, plain=plain) for one, text in found.groupdict().items()}
            return texts[name].format_map(values)
    return reason


def _said(name: str, text: str, language: str, notes: Notation, *, plain: bool) -> str:
    kind = name.partition("_")[0]
    if kind == "reason":
        return proof_reason(text, language, plain=plain)
    if plain or kind not in _FORMS:
        return text
    if kind == "number":
        return notes.number(int(text))
    whole, _, part = text.removeprefix("-").partition(".")
    return f"{'-' if text.startswith('-') else ''}{notes.number(int(whole))}{notes.decimal}{part}"


@cache
def _texts(language: str) -> Mapping[str, str]:
    return msgspec.structs.asdict(load("proof_reasons", language, ProofReasons))


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """Return a pattern for each reason, made of its English text."""
    return {name: re.compile(_pattern(text), re.DOTALL) for name, text in _texts("en").items()}


def _pattern(text: str) -> str:
    parts = re.split(r"\{(\w+)\}", text)
    return "".join(
        f"(?P<{part}>{_FORMS.get(part.partition('_')[0], '.+')})" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    )
