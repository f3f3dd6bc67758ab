"""Detect the encoding of a sample. Pure."""

import codecs
import re
import unicodedata

from primanota.core.errors import InvalidInput
from primanota.profiles.learning.questions import Answer, Questions

# The part of a long file that is read.
_ENOUGH = 1 << 20
_ENOUGH_LINES = 5_000
_UNKNOWN = {
    "utf-8": "Unicode, as most programs write it",
    "utf-8-sig": "the same with a byte order mark, as Excel needs it",
    "cp1252": "Windows in Western Europe",
    "latin-1": "the same without the euro sign",
}
_8_BIT = ("latin-1", "cp1252", "iso-8859-15", "cp1250", "cp850", "mac-roman")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BINARY = {b"PK\x03\x04": "a workbook or an archive", b"%PDF": "a PDF", b"\xd0\xcf\x11\xe0": "an old workbook"}
# Between 80 and 9F, where Windows has typographic signs and the euro, latin-1 has controls.
_C1 = re.compile(rb"[\x80-\x9f]")
_BEYOND_ASCII = re.compile(r"[^\s;,|\"]*[^\x00-\x7f][^\s;,|\"]*")
# Signs within words that are not letters; and signs that banks do not write.
_WITHIN = frozenset("\u2019\u2018'-\u2013\u00b7\u00b4\u00ad")
_NEVER = frozenset("\u00a4\u00a6\u00a8\u00ac\u00b8\u00bc\u00bd\u00be\u00b1")
_AS_TEXT = "Save it as CSV, and learn from that."


def decode(data: bytes, questions: Questions) -> tuple[str, str]:
    """Return the encoding of a sample and its text; of a long one the beginning, in whole lines.

    Raises:
        InvalidInput: it is empty, or not a text.
    """
    _refuse_binary(data)
    encoding = _decide(data, questions)
    long = len(data) > _ENOUGH
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data[:_ENOUGH], final=not long)
    except UnicodeDecodeError:
        raise InvalidInput(f"The sample is not in {encoding}.", "Name another encoding.") from None
    controls = sum(unicodedata.category(char) == "Cc" and char not in "\t\r\n" for char in text)
    if controls * 100 > len(text):
        raise InvalidInput("The sample is not a text.", _AS_TEXT)
    text = text[: text.rfind("\n") + 1] if long else text
    lines = text.split("\n", _ENOUGH_LINES)
    return encoding, "\n".join([*lines[:_ENOUGH_LINES], ""]) if len(lines) > _ENOUGH_LINES else text


def encodings(data: bytes) -> list[str]:
    """Return the possible encodings, the likeliest first; only one if it is certain."""
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            return [name]
    if twice := _two_bytes(data):
        return [twice]
    if data.isascii():
        return list(_UNKNOWN)
    if _reads(data, "utf-8"):
        return ["utf-8"]
    # All that latin-1 can hold here is the same in cp1252: a reader of cp1252 reads it, too.
    known = [name for name in _8_BIT if _reads(data, name) and not (name == "latin-1" and _C1.search(data))]
    known.sort(key=lambda name: _oddities(data.decode(name)))
    first = known[0]
    return [first] if first in {"latin-1", "cp1252"} and not _oddities(data.decode(first)) else known


def _decide(data: bytes, questions: Questions) -> str:
    found = encodings(data)
    plain = found == list(_UNKNOWN)
    if plain:
        question = "The sample has only ASCII letters. How does the tool read others?"
        answers = [Answer(name, _UNKNOWN[name]) for name in found]
    else:
        question = "In which encoding is the sample?"
        answers = [Answer(name, _specimen(data.decode(name)) if found[1:] else "") for name in found]

    def read(word: str) -> str:
        if not _reads(data, word) or (plain and data.decode(word) != data.decode("ascii")):
            raise ValueError(f"The sample is not in an encoding “{word}”.")
        return word

    return questions.decide("Encoding", question, answers, read)


def _refuse_binary(data: bytes) -> None:
    if not data.strip(b"\0 \t\r\n"):
        raise InvalidInput("The sample is empty.", "Take a file that the tool accepts, or its template.")
    for magic, what in _BINARY.items():
        if data.startswith(magic):
            raise InvalidInput(f"The sample is {what}, not a text.", _AS_TEXT)
    if b"\0" in data and not _two_bytes(data) and not any(map(data.startswith, _MARKS)):
        raise InvalidInput("The sample is not a text.", _AS_TEXT)


def _two_bytes(data: bytes) -> str:
    """Detect UTF-16 without a byte order mark: in Latin text, every other byte is zero and the rest are not."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if max(even, odd) * 4 < len(data) or (even and odd) or len(data) % 2:
        return ""
    return "utf-16-le" if odd else "utf-16-be"


def _reads(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (LookupError, ValueError):  # there is no such encoding, or the data is not in it
        return False
    return True


def _oddities(text: str) -> int:
    """Count the signs in unusual places, into which a wrong encoding turns letters."""
    beside = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    return sum(_is_odd(*three) for three in beside if not three[1].isascii())


def _is_odd(before: str, char: str, after: str) -> bool:
    if char.isalpha():
        return char.isupper() and before.islower()
    return char in _NEVER or (before.isalpha() and after.isalpha() and char not in _WITHIN)


def _specimen(text: str) -> str:
    found = _BEYOND_ASCII.search(text)
    return f"“{found[0][:30]}”" if found else ""
