"""Read XML in pieces with expat: no document type, so no entities of a file's own; limits of depth and size.

expat is part of Python. It reads UTF-8, UTF-16 and ISO 8859-1 itself, and asks Python for other character sets of one
byte. A document type declaration is refused as soon as it begins, so that no entity is ever expanded or fetched.
"""

from collections.abc import Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from primanota.banks.camt.errors import ASK_AGAIN, UnreadableFile
from primanota.banks.camt.xml_tree import Element
from primanota.banks.statement_files import PIECE

_DEEPEST = 48
# What one element within a statement may have: a batch of many thousand payments, and no more.
_LARGEST = 64 << 20
_PER_ELEMENT = 64
_MOST_NAMES = 1000
# A tag or a comment that does not end.
_LONGEST_TOKEN = 8 << 20
_NO_ATTRIBUTES: dict[str, str] = {}  # one for all, as most elements have none; it is never changed
_UNKNOWN_ENCODING = 18  # XML_ERROR_UNKNOWN_ENCODING
_BEGINNING = 64  # so many bytes have a tag, if it is XML
_ANOTHER_FORMAT = "Ask the bank for camt.053: statements as XML, or a zip archive of them; nothing was stored."
_ENCODING = "Save it as UTF-8; nothing was stored."


class Start(NamedTuple):
    """The start of an element whose content is read piece by piece; ``space`` is its namespace."""

    name: str
    space: str
    line: int


class End(NamedTuple):
    """The end of such an element."""

    name: str
    line: int


Event = Start | End | Element


class _Builder:
    """Turns what expat finds into events."""

    def __init__(self, opened: frozenset[str]) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.events: list[Event] = []
        self._opened = opened
        self._names: dict[str, str] = {}  # without their namespaces
        self._path: list[Element] = []  # within the element that is read whole
        self._text: list[str] = []  # since the last tag
        self._mixed: dict[int, list[str]] = {}  # text of elements before their children, by depth
        self._depth = 0
        self._size = 0

    def _doctype(self, *_: object) -> None:
        line = self.parser.CurrentLineNumber
        raise UnreadableFile("it has a document type declaration, which statements do not have", line)

    def _start(self, full_name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        line, path = self.parser.CurrentLineNumber, self._path
        if self._depth > _DEEPEST:
            raise UnreadableFile(f"its elements are nested more than {_DEEPEST} deep", line)
        name = self._names.get(full_name) or self._name_of(full_name)
        if not path and name in self._opened:
            self._text.clear()
            self.events.append(Start(name, full_name.rpartition(" ")[0], line))
            return
        plain = {key.rpartition(" ")[2]: value for key, value in attributes.items()} if attributes else _NO_ATTRIBUTES
        element = Element(name, plain, line)
        if path:
            if self._text:
                self._keep_mixed()
            path[-1].children.append(element)
        else:
            self._text.clear()
            self._size = 0
        path.append(element)
        self._size += _PER_ELEMENT
        if self._size > _LARGEST:
            self._refuse_size()

    def _end(self, full_name: str) -> None:
        self._depth -= 1
        if not self._path:
            self._text.clear()
            self.events.append(End(full_name.rpartition(" ")[2], self.parser.CurrentLineNumber))
            return
        element = self._path.pop()
        if self._text or self._mixed:
            before = self._mixed.pop(len(self._path), [])
            element.text = "".join((*before, *self._text)).strip()
            self._text.clear()
        if not self._path:
            self.events.append(element)

    def _characters(self, text: str) -> None:
        if self._path:
            self._text.append(text)
            self._size += len(text)
            if self._size > _LARGEST:
                self._refuse_size()

    def _name_of(self, full_name: str) -> str:
        """Return a name without its namespace, and remember it: statements have some hundred different ones."""
        if len(self._names) > _MOST_NAMES:
            self._names.clear()
        name = self._names[full_name] = full_name.rpartition(" ")[2]
        return name

    def _keep_mixed(self) -> None:
        """Keep the text that stands before a child; blanks between elements are not text."""
        text = "".join(self._text)
        self._text.clear()
        if not text.isspace():
            self._mixed.setdefault(len(self._path) - 1, []).append(text)

    def _refuse_size(self) -> None:
        element = self._path[0]
        raise UnreadableFile(f"its element {element.name} is larger than {_LARGEST >> 20} MB", element.line)


def read_events(stream: IO[bytes], opened: frozenset[str]) -> Iterator[Event]:
    """Yield the events of a document; in memory are the elements of one piece and one that is read whole.

    Args:
        stream: the document, at its beginning.
        opened: names of elements that are not read whole, but yielded as a start, what is inside, and an end.

    Raises:
        UnreadableFile: it is not XML, has a document type, or exceeds a limit.
    """
    builder, given, beginning = _Builder(opened), 0, b"<"
    parser = builder.parser
    try:
        while piece := stream.read(PIECE):
            beginning = beginning if given else piece[:_BEGINNING]
            given += len(piece)
            parser.Parse(piece, False)
            if given - max(parser.CurrentByteIndex, 0) > _LONGEST_TOKEN:
                raise UnreadableFile("it has a tag or a text without an end", parser.CurrentLineNumber)
            yield from builder.events
            builder.events.clear()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        if b"<" not in beginning:
            raise UnreadableFile("it is not XML", error.lineno, _ANOTHER_FORMAT) from None
        advice = _ENCODING if error.code == _UNKNOWN_ENCODING else ASK_AGAIN
        why = expat.ErrorString(error.code)
        raise UnreadableFile(f"it is not whole XML ({why})", error.lineno, advice) from None
    except (UnicodeError, LookupError):
        raise UnreadableFile("its encoding is not known", parser.CurrentLineNumber, _ENCODING) from None
    except ValueError as error:
        if isinstance(error, UnreadableFile):
            raise
        # pyexpat refuses a character set of several bytes with a sentence of its own.
        raise UnreadableFile("its encoding is not supported", parser.CurrentLineNumber, _ENCODING) from None
    yield from builder.events


def parse(body: bytes) -> Element:
    """Return a stored document as an element.

    Raises:
        UnreadableFile: it is not XML.
    """
    builder = _Builder(frozenset())
    try:
        builder.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise UnreadableFile(f"it is not XML ({expat.ErrorString(error.code)})", error.lineno) from None
    (found,) = builder.events
    assert isinstance(found, Element)  # noqa: S101 - nothing is opened
    return found
