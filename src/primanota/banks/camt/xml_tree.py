"""Elements of XML without namespaces: a light tree, its values, and one form in which it is written. Pure.

The form is the same for the same content, whatever prefixes, comments, indentation or encoding a file has.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

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

    def each(self, path: str) -> Iterator["Element"]:
        """Yield the elements on a path of names, such as ``NtryDtls/TxDtls``, in their order."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                if rest:
                    yield from child.each(rest)
                else:
                    yield child

    def find(self, path: str) -> "Element | None":
        """Return the first element on a path; None if there is none."""
        return next(self.each(path), None)

    def value(self, *paths: str) -> str:
        """Return the text of the first element with a text on the first path that has one; empty if none has."""
        return next((found.text for path in paths for found in self.each(path) if found.text), "")


def as_xml(element: Element) -> str:
    """Return an element as text, without namespaces, comments and blanks between elements."""
    pieces: list[str] = []
    _write(element, pieces)
    return "".join(pieces)


def _write(element: Element, pieces: list[str]) -> None:
    attributes = "".join(
        f' {name}="{escape(value, _IN_ATTRIBUTE)}"' for name, value in sorted(element.attributes.items())
    )
    pieces.append(f"<{element.name}{attributes}>{escape(element.text, _IN_TEXT)}")
    for child in element.children:
        _write(child, pieces)
    pieces.append(f"</{element.name}>")
