"""XML of files: entities, depth, size and fragments are refused with a place; nothing of it ends in a traceback."""

import random
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from io import BytesIO
from typing import IO

import pytest

from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.statements import read_first_account, read_statements
from primanota.banks.camt.xml_reader import parse
from primanota.banks.camt.xml_tree import as_xml
from tests.support.banks.camt_files import Booked, document, entry, statement

_DAY = date(2026, 10, 5)
_WHOLE = document(statement([Booked(_DAY, -12_34), Booked(_DAY, 5_00)], 100_00, _DAY, _DAY))


def _take(content: bytes) -> int:
    return _take_from(BytesIO(content))


def _take_from(stream: IO[bytes]) -> int:
    return sum(len(list(one.rows)) for one in read_statements(stream))


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE Document [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Document [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>',
    ],
)
def test_a_document_type_is_refused(declared: str) -> None:
    """A document type, without which there are no entities of a file's own, is refused before anything is read."""
    content = _WHOLE.replace(b"?>\n", b"?>\n" + declared.encode(), 1)
    with pytest.raises(UnreadableFile, match="document type declaration"):
        _take(content)


def test_deep_nesting_is_refused() -> None:
    """Elements within elements without end are refused, with the line."""
    deep = "<SplmtryData>" + "<a>" * 100 + "</a>" * 100 + "</SplmtryData>"
    with pytest.raises(UnreadableFile, match="nested more than 48 deep"):
        _take(_WHOLE.replace(b"<NtryDtls>", deep.encode() + b"<NtryDtls>", 1))


def test_an_endless_tag_is_refused() -> None:
    """A tag that does not end does not fill the memory: it is refused after some megabytes."""

    class Endless(BytesIO):
        given = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.given += 1
            assert self.given < 1000
            return b"<Document a='" if self.given == 1 else b"x" * (size or 0)

    with pytest.raises(UnreadableFile, match="without an end"):
        _take_from(Endless())


def test_a_large_entry_is_refused() -> None:
    """An element larger than any batch is refused, whatever it consists of."""
    with pytest.raises(UnreadableFile, match="larger than 64 MB"):
        _take(_WHOLE.replace(b"<NtryDtls>", b"<x>" + b"y" * (65 << 20) + b"</x><NtryDtls>", 1))


def test_every_beginning_of_a_file_is_refused() -> None:
    """A file that was cut off anywhere is refused: its rows are never taken for all of them."""
    end = len(_WHOLE.rstrip())
    for place in range(0, end, 7):
        with pytest.raises(UnreadableFile):
            _take(_WHOLE[:place])


def _damaged(seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    for _ in range(60):
        content = bytearray(_WHOLE)
        for _ in range(chance.randrange(1, 6)):
            place, kind = chance.randrange(len(content)), chance.randrange(3)
            if kind == 0:
                content[place] = chance.randrange(256)
            elif kind == 1:
                del content[place : place + chance.randrange(40)]
            else:
                content[place:place] = content[place : place + chance.randrange(40)]
        yield bytes(content)


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_file_is_read_or_refused(seed: int) -> None:
    """Whatever happens to the bytes of a file: it is read, or refused with a sentence; there is no other error."""
    for content in _damaged(seed):
        with suppress(UnreadableFile):
            _take(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is not whole XML"),
        (b"%PDF-1.7", "it is not XML"),
        (b":20:STARTUMSE", "it is not XML"),
        ("\ufeffDatum;Betrag\n".encode(), "it is not XML"),
        (_WHOLE[:200], "it is not whole XML"),
        (b"<html/>", "it has no statement of camt.053"),
        (document(kind="camt.054"), "it is a notification of single payments"),
        (document(kind="camt.052"), "it is a report within the day"),
        (document(kind="pain.001"), "it is another kind of document"),
        (document(version="99"), "its version 001.99 of camt.053 is not known"),
        (document(), "it has no statement of camt.053"),
        (_WHOLE.replace(b"UTF-8", b"EBCDIC-XX"), "its encoding is not known"),
        (_WHOLE.replace(b"UTF-8", b"shift_jis"), "encoding"),
        (_WHOLE.replace(b"Rechnung", b"Rechnun\xff"), "it is not whole XML"),
    ],
)
def test_another_file_is_refused(content: bytes, sentence: str) -> None:
    """A file of another kind is refused, with what it is where that is known."""
    with pytest.raises(UnreadableFile) as refused:
        _take(content)
    assert sentence in refused.value.what
    assert refused.value.advice


def test_a_document_within_an_envelope_is_read() -> None:
    """A document with a business header around it is read like one without."""
    inside = _WHOLE.partition(b"?>")[2]
    header = b"<AppHdr xmlns='urn:iso:std:iso:20022:tech:xsd:head.001.001.02'><BizMsgIdr>1</BizMsgIdr></AppHdr>"
    assert _take(b"<BizMsgEnvlp>" + header + inside + b"</BizMsgEnvlp>") == 2


def test_the_stored_form_is_read_as_it_was_written() -> None:
    """Special characters in texts and attributes survive being stored and read."""
    element = parse(b'<a x="&lt;&quot;&#10;&amp;"><b>&lt;&amp;&#13; ]]&gt; \xc3\xa4</b></a>')
    again = parse(as_xml(element).encode())
    assert as_xml(again) == as_xml(element)
    assert (again.attributes, again.value("b")) == ({"x": '<"\n&'}, "<&\r ]]> ä")


def test_the_first_account_is_read_from_the_beginning() -> None:
    """The account that a file begins with is known from its first piece, however long the file is."""
    head, _, _ = document(statement([], 0, _DAY, _DAY)).partition(b"</Stmt>")
    stream = BytesIO(head + entry(Booked(_DAY, 1)).encode() * 1000)
    (whole,) = read_statements(BytesIO(_WHOLE))
    assert read_first_account(stream).id == whole.account.id
    assert stream.tell() <= 1 << 16


@pytest.mark.parametrize(
    ("text", "outer", "inner"),
    [
        ("a<c/>b", "ab", [""]),
        ("<c/>b", "b", [""]),
        ("a<!-- x -->b", "ab", []),
        ("a<c>d<e/>f</c>b<c/> ", "ab", ["df", ""]),
    ],
)
def test_text_between_elements_is_kept(text: str, outer: str, inner: list[str]) -> None:
    """Text before, between and behind elements is the text of the element that has it."""
    element = parse(f"<x> \n <y>{text}</y>\n</x>".encode())
    assert (element.text, element.value("y")) == ("", outer)
    assert [one.text for one in element.each("y/c")] == inner


def test_memory_does_not_grow_with_a_file() -> None:
    """While rows are taken, only one entry and one piece of the file are in memory."""
    row, count = entry(Booked(_DAY, 1)).encode(), 900

    class Long(BytesIO):
        """A statement that is made while it is read."""

        def __init__(self) -> None:
            self.seek(0)

        def seek(self, *_: int) -> int:
            head, between, tail = document(statement([], 0, _DAY, _DAY, moved=count)).partition(b"</Stmt>")
            self.pieces = iter([head, *[row * 30] * (count // 30), between + tail])
            return 0

        def read(self, _: int | None = -1, /) -> bytes:
            return next(self.pieces, b"")

    tracemalloc.start()
    taken = sum(1 for one in read_statements(Long()) for _ in one.rows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken == count
    assert peak < 1_500_000
