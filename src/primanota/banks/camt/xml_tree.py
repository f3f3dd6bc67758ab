"""Elements of XML without namespaces: a light tree, its values, and one form in which it is written. Pure.

The form is the same for the same content, whatever prefixes, comments, indentation or encoding a file has.
"""

import re
from xml.sax.saxutils import escape

_SPECIAL = re.compile("[&<>\r]")
_IN_TEXT = {"\r": "&#13;"}
_IN_ATTRIBUTE = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;", '"': "&quot;"}


class Element:
    """An element: its name without namespace, attributes, text without blanks at its ends, children, and line."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int = 0) -> None:
        self.name = name
        self.attributes = attributes
        self.text = ""
        self.children: list[Element] = []
        self.line = line

    def each(self, path: str) -> "list[Element]":
        """Return the elements on a path of names, such as ``NtryDtls/TxDtls``, in their order."""
        found = [self]
        for name in path.split("/"):
            found = [child for one in found for child in one.children if child.name == name]
        return found

    def find(self, path: str) -> "Element | None":
        """Return the first element on a path; None if there is none."""
        found = self.each(path)
        return found[0] if found else None

    def value(self, *paths: str) -> str:
        """Return the text of the first element with a text on the first path that has one; empty if none has."""
        for path in paths:
            for found in self.each(path):
                if found.text:
                    return found.text
        return ""


def as_xml(element: Element) -> str:
    """Return an element as text, without namespaces, comments and blanks between elements."""
    pieces: list[str] = []
    _write(element, pieces)
    return "".join(pieces)


def _write(element: Element, pieces: list[str]) -> None:
    name, text = element.name, element.text
    start = name + _attributes(element.attributes) if element.attributes else name
    pieces.append(f"<{start}>{escape(text, _IN_TEXT) if _SPECIAL.search(text) else text}")
    for child in element.children:
        _write(child, pieces)
    pieces.append(f"</{name}>")


def _attributes(given: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value, _IN_ATTRIBUTE)}"' for key, value in sorted(given.items()))
