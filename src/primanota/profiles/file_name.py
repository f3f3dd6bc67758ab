"""Validate the name that a profile gives to its files: one name in a folder, on every file system. Pure."""

import re
import string
import unicodedata
from collections.abc import Iterator

from primanota.core.errors import among
from primanota.core.toml_validation import Mistake
from primanota.profiles.schema import FILE, FILE_FIELDS

# Bytes: file systems take 255, and the fields need their part.
_LONGEST_FILE = 120
_LONGEST_SUFFIX = 20
_SEPARATORS = {"/": "a slash", "\\": "a backslash", "\0": "a NUL"}
# What Windows takes in no name; a colon would name a drive or a hidden stream.
_WINDOWS = '<>:"|?*'
_CONTROLS = {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
# Devices of Windows, whatever follows behind a dot.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$)", re.IGNORECASE)
_WRITE_FILE = f"Write it like {FILE}."
_WRITE_SUFFIX = "Write it like .csv."


def file_mistakes(template: str, suffix: str = "") -> Iterator[Mistake]:
    """Yield the mistakes of the name of a profile's files; ``suffix`` stands behind it."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:  # its own message is for programmers
        yield Mistake("file: its braces do not match", _WRITE_FILE, ("file",))
        return
    for _, name, form, conversion in parts:
        if name is not None and name not in FILE_FIELDS:
            yield Mistake(f"file: “{{{name}}}” stands for nothing", among(name, FILE_FIELDS), ("file",))
        elif form or conversion:
            yield Mistake(f"file: “{{{name}}}” has no other forms", _WRITE_FILE, ("file",))
    # A field is at least one character that may stand in a name.
    example = "".join(before + ("x" if name is not None else "") for before, name, _, _ in parts)
    if what := _unsafe("".join(before for before, *_ in parts), _LONGEST_FILE) or _unsafe_whole(example, suffix):
        yield Mistake(f"file: {what}", _WRITE_FILE, ("file",))


def suffix_mistakes(suffix: str) -> Iterator[Mistake]:
    """Yield the mistakes of the end of the name of a profile's files."""
    what = _unsafe(suffix, _LONGEST_SUFFIX)
    if not what and suffix.endswith((".", " ")):
        what = "a name does not end with a dot or a blank on every system"
    if what:
        yield Mistake(f"suffix: {what}", _WRITE_SUFFIX, ("suffix",))


def unsafe_name(name: str) -> str:
    """Return why a whole name, of any length, cannot be that of a file on every system; empty if it can."""
    if name.startswith("."):
        return "a name that begins with a dot is hidden"
    if name.endswith((".", " ")):
        return "a name does not end with a dot or a blank on every system"
    return _unsafe(name, len(name.encode("utf-8", "replace"))) or _unsafe_whole(name, "")


def _unsafe(text: str, longest: int) -> str:
    """Return why a text cannot be a part of a name; empty if it can."""
    for char in text:
        if char in _SEPARATORS:
            return f"{_SEPARATORS[char]} cannot stand in a name"
        if unicodedata.category(char) in _CONTROLS:
            return f"the control character U+{ord(char):04X} cannot stand in a name"
        if char in _WINDOWS:
            return f"“{char}” cannot stand in a name on every system"
    if ".." in text:
        return "“..” would lead out of the folder"
    if len(text.encode("utf-8", "replace")) > longest:
        return f"it has {len(text.encode())} bytes beside its fields, and {longest} are the most"
    return ""


def _unsafe_whole(name: str, suffix: str) -> str:
    """Return why a whole name, with an x for each field, cannot be one; empty if it can."""
    if not name.strip(" ."):
        return "a name has more than dots and blanks"
    if name.startswith((" ", "-", "~")):
        return "a name does not begin with a blank, a minus or a tilde"
    if name.endswith(" ") or (name.endswith(".") and suffix.startswith(".")):
        return "a name does not end with a dot or a blank before its suffix"
    stem = f"{name}{suffix}".partition(".")[0].strip()
    return f"“{stem}” is the name of a device in Windows" if _RESERVED.fullmatch(stem) else ""
