"""Remove from texts what must not be in a mail: secrets, whole IBANs, line breaks and direction marks. Pure."""

import re
from collections.abc import Iterable, Iterator

from primanota.core import redaction
from primanota.core.secret import Secret
from primanota.core.text import one_line

# The length of an IBAN by its country: SWIFT's IBAN registry (ISO 13616).
_BY_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTHS = {country: length for length, countries in _BY_LENGTH.items() for country in countries.split()}
# Separators between the groups. Letters are ASCII: the check digits are defined for no others.
_BETWEEN = r"[\s.-]"
_START = re.compile(rf"(?=([A-Za-z]){_BETWEEN}*([A-Za-z]){_BETWEEN}*[0-9]{_BETWEEN}*[0-9])")
_LETTER = re.compile(r"[A-Za-z0-9]")
_SHOWN = 4


def redacted(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return a text on one line, without secrets, with only the last four characters of each IBAN."""
    known = (secret.reveal() for secret in secrets)
    return _without_ibans(one_line(redaction.without_secrets(text, known)))


def _without_ibans(text: str) -> str:
    """Return a text with a mask and the last characters in place of each IBAN, and of IBANs that overlap."""
    for start, end in reversed(_joined(_ibans(text))):
        tail = "".join(_LETTER.findall(text[start:end]))[-_SHOWN:]
        text = f"{text[:start]}…{tail}{text[end:]}"
    return text


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each IBAN, in order of their starts; they may overlap."""
    for match in _START.finditer(text):
        if end := _end_of_iban(text, match.start(), (match[1] + match[2]).upper()):
            yield match.start(), end


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join the spans that overlap: a mask within another IBAN would leave both halves of that one readable."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _end_of_iban(text: str, start: int, country: str) -> int:
    """Return the end of the IBAN at a position; 0 if there is none, by its country's length and its check digits."""
    letters: list[str] = []
    if country not in _LENGTHS:
        return 0
    for position in range(start, len(text)):
        letter = text[position]
        if _LETTER.match(letter):
            letters.append(letter.upper())
        elif not re.match(_BETWEEN, letter):
            return 0
        if len(letters) == _LENGTHS[country]:
            rotated = letters[4:] + letters[:4]
            return position + 1 if int("".join(str(int(letter, 36)) for letter in rotated)) % 97 == 1 else 0
    return 0
