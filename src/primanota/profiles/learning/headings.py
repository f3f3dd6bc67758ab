"""Interpret the headings of columns, by the words of ``headings.toml``. Pure."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import resources
from itertools import permutations
from typing import NamedTuple

_ASIDE = re.compile(r"[(\[]([^)\]]*)[)\]]")
_SIGNS = re.compile(r"[^\w%]+|_")
# A longer heading has no meaning of a known one, and the most words of a known one.
_LONGEST = 120
_MOST_WORDS = 6
# Words that say nothing of the meaning: units, and what stands in brackets.
_CURRENCY = re.compile(r"\b(?:(?:in|en|em) )?(?:eur|euros?|chf|usd|gbp)\b")
_HARMLESS = re.compile(
    r"(?:optional|optionnel|opzionale|opcional|pflichtfeld|required|obligatoire|swift|bic|iban|code|end to end|e2e"
    r"|sepa|utc|local|lokal|text|date|datum|\W|\d)*"
)
_JOINING = {
    "de",
    "d",
    "du",
    "des",
    "la",
    "le",
    "l",
    "del",
    "della",
    "di",
    "dell",
    "do",
    "da",
    "der",
    "the",
    "of",
    "el",
}
# Between two words that a program writes as one: dateOp.
_INNER = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
# Endings that include women and men: Begünstigte*r, Empfänger:in, BegünstigteR, bénéficiaire(e), beneficiario/a.
_ENDINGS = "innen|in|r|n|e|s|es|a|o|as|os|ne|rice|trice|euse|se|ère|ora|ra"
_GENDERED = (
    (re.compile(rf"(?<=\w)\s?(?:[*:_·•.\u2022\u2027]|/\s?-?|\(-?|-)(?:{_ENDINGS})\b\)?", re.IGNORECASE), ""),
    (re.compile(r"(?<=[a-zäöüß])(?:Innen|In|R|N)\b"), ""),
    (re.compile(r"(?<=i)[@*ə](?!\w)"), "o"),
)
# The forms of one word for a person, after accents and capitals are gone.
_FORMS = (
    (re.compile(r"(?<=[eo]r)in(?:nen)?\b"), ""),
    (re.compile(r"(?<=[gt]e)[rn]\b"), ""),
    (re.compile(r"(?<=ari)[oae]\b|(?<=ari)[oa]s\b"), "o"),
    (re.compile(r"(?<=dor)(?:a|es|as)\b"), ""),
    (re.compile(r"t(?:ore|rice|eur|euse)s?\b"), "t"),
    (re.compile(r"(?<=[^t])(?:eur|euse)s?\b"), "eur"),
    (re.compile(r"\b(\w+)(?: (?:oder|und|bzw|ou|et|o|y|e))? \1\b"), r"\1"),
)
# The shortest word that counts at the end of a compound: Buchungsbetrag ends with Betrag.
_COMPOUND = 5
# Notations of a date format within a heading; JJ is a year in German, and a day in French.
_DAY, _MONTH, _YEAR = "DD|TT|GG|JJ", "MM", "YYYY|JJJJ|AAAA|YY|JJ|AA"
_FORM = re.compile(
    rf"\b(?P<first>{_DAY}|{_MONTH}|{_YEAR})(?P<sign>[-./]?)(?P<second>{_DAY}|{_MONTH})(?P=sign)(?P<third>{_YEAR}|{_DAY})\b",
    re.IGNORECASE,
)


class Meaning(NamedTuple):
    """A field that a heading may mean, in a language, by some words; ``whole`` if there are no other words."""

    whole: bool
    language: str
    words: str
    field: str


class Headings(NamedTuple):
    """For each heading the fields that it may mean, best first, and whether wholly; the language of all."""

    fields: list[list[str]]
    whole: list[bool]
    language: str


def interpret_headings(headings: Sequence[str]) -> Headings:
    """Interpret headings together: a word of several languages is read in the language of most other headings."""
    meanings = [list(_meanings(heading)) for heading in headings]
    spoken = Counter(language for found in meanings for language in {one.language for one in found if one.whole})
    # A language is recognised by all of its words, so a word of several languages does not decide.
    language = max(spoken, key=lambda one: spoken[one]) if spoken else ""

    def rank(one: Meaning) -> tuple[bool, bool, int, bool]:
        ours = one.language == language
        return not one.whole, one.whole and not ours, -len(one.words), not ours

    whole = [any(one.whole for one in found) for found in meanings]
    ranked = [sorted(found, key=rank) for found in meanings]
    fields = [
        # The meaning of a part of a heading does not matter if the whole heading has a meaning.
        list(dict.fromkeys(one.field for one in found if one.whole or not known))
        for found, known in zip(ranked, whole, strict=True)
    ]
    return Headings(fields, whole, language)


def names_both_sides(heading: str) -> bool:
    """Return whether a heading has a word for who pays and one for who is paid: “Payer/Payee”."""
    words = _neutral(heading[:_LONGEST]).split()
    known = [{field for _, field in _neutral_index().get(word, ())} for word in words]
    return any("payer" in one and "payee" in other for one, other in permutations(known, 2))


def default_heading(field: str) -> str:
    """Return the English heading of a field; the field's own name if there is none."""
    return next(iter(_words()["en"].get(field, ())), field)


def day_form(heading: str) -> str:
    """Return the date format that a heading names, such as “Date (DD/MM/YYYY)”; empty if it names none."""
    found = _FORM.search(heading)
    if not found:
        return ""
    parts = [found["first"].upper(), found["second"].upper(), found["third"].upper()]
    kinds = [_kind(part, parts) for part in parts]
    return found["sign"].join(kinds) if len(set(kinds)) == len(kinds) else ""


def _kind(part: str, parts: Sequence[str]) -> str:
    if part == "MM":
        return "%m"
    if part == "JJ" and any(other in parts for other in ("AAAA", "AA")):
        return "%d"
    if part in {"DD", "TT", "GG"}:
        return "%d"
    return "%Y" if len(part) > len("YY") else "%y"


def _meanings(heading: str) -> Iterator[Meaning]:
    if len(heading) > _LONGEST:
        return
    plain = _plain(_ASIDE.sub(" ", heading))
    whole = list(_whole_meanings(heading, plain))
    yield from whole
    words = plain.split()
    for part in dict.fromkeys([*_phrases(words), *_compound_ends(words)]):
        for language, field in _index().get(part, ()):
            yield Meaning(False, language, part, field)


def _whole_meanings(heading: str, plain: str) -> Iterator[Meaning]:
    """Yield the meanings of a heading as a whole: as it is, without its currency, or for women and men alike."""
    if all(_is_harmless(aside) for aside in _ASIDE.findall(heading)):
        for words in dict.fromkeys(
            (plain, _CURRENCY.sub(" ", plain), _bare(plain), _bare(_CURRENCY.sub(" ", plain)))
        ):
            if found := _index().get(" ".join(words.split())):
                yield from (Meaning(True, language, words, field) for language, field in found)
                return
        neutral = _neutral(heading)
        yield from (Meaning(True, language, neutral, field) for language, field in _neutral_index().get(neutral, ()))


def _is_harmless(aside: str) -> bool:
    """Return whether what stands in brackets leaves the meaning: a currency, a format of days, an ending."""
    plain = _plain(aside)
    words = _CURRENCY.sub(" ", plain).strip()
    return bool(_HARMLESS.fullmatch(words) or day_form(aside) or re.fullmatch(rf"-?(?:{_ENDINGS})", aside))


def _phrases(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a heading that follow each other, fewer than all or as many."""
    for begin in range(len(words)):
        for end in range(begin + 1, min(begin + _MOST_WORDS, len(words)) + 1):
            yield " ".join(words[begin:end])


def _compound_ends(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        yield from (word[begin:] for begin in range(len(word) - _COMPOUND + 1))


@cache
def _plain(text: str) -> str:
    """Return a text without accents, signs and capitals, which people write differently."""
    letters = unicodedata.normalize("NFKD", _INNER.sub(" ", text).casefold())
    return " ".join(_SIGNS.sub(" ", "".join(char for char in letters if not unicodedata.combining(char))).split())


def _bare(plain: str) -> str:
    """Return plain words without those that join others, which many files leave out: type d'opération."""
    return " ".join(word for word in plain.split() if word not in _JOINING)


@cache
def _neutral(heading: str) -> str:
    """Return a heading without the endings of its words that differ between women and men."""
    text = unicodedata.normalize("NFC", heading)
    for pattern, instead in _GENDERED:
        text = pattern.sub(instead, text)
    plain = _plain(_ASIDE.sub(" ", text))
    for pattern, instead in _FORMS:
        plain = pattern.sub(instead, plain)
    return plain


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("headings.toml").read_text(encoding="utf-8"))


@cache
def _index() -> dict[str, list[tuple[str, str]]]:
    """Return what each known heading means: languages and fields, by its plain words."""
    return _indexed(lambda heading: [_plain(heading), _plain(heading.translate(_UMLAUTS)), _bare(_plain(heading))])


@cache
def _neutral_index() -> dict[str, list[tuple[str, str]]]:
    """Return the same by the words without endings."""
    return _indexed(lambda heading: [_neutral(heading), _neutral(heading.translate(_UMLAUTS))])


def _indexed(keys: Callable[[str], list[str]]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for language, fields in _words().items():
        for field, headings in fields.items():
            for key in dict.fromkeys(key for heading in headings for key in keys(heading)):
                found.setdefault(key, []).append((language, field))
    return found
