"""``README.txt`` of a pack: what is in it, how it is verified, and in which order DATEV wants it. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from primanota.close.texts import ReadmeTexts, close_texts
from primanota.core.language.notation import notation

_WIDTH = 30


class PackContents(NamedTuple):
    """What ``README.txt`` names: the paths of the kinds of files; empty where there are none.

    ``tool`` is the title of the tool, ``before`` the day on which the edition before was made.
    """

    month: str
    company: str
    edition: int
    before: date | None
    complete: bool
    tool: str
    tool_files: list[str]
    is_exported: bool
    has_receipts: bool
    packages: list[str]
    has_statements: bool
    has_later: bool


def readme(contents: PackContents, language: str) -> bytes:
    """Return the text, with line ends that every editor knows."""
    return "".join(f"{line}\r\n" for line in _lines(contents, close_texts(language).readme, language)).encode()


def _lines(found: PackContents, texts: ReadmeTexts, language: str) -> Iterator[str]:
    title = texts.title.format(month=found.month, company=found.company)
    yield from (title, "=" * len(title), "")
    if not found.complete:
        yield from (texts.incomplete, "")
    if found.before:
        day = notation(language).day(found.before)
        yield from (texts.edition.format(edition=found.edition, before=found.edition - 1, day=day), "")
    yield from found.tool_files[:-1]
    for name in found.tool_files[-1:]:
        yield _line(name, texts.file.format(tool=found.tool))
        if found.is_exported:
            yield _line("", texts.exported)
    yield _line(f"certificate_{found.month}_*.pdf", texts.certificate)
    yield _line("index.csv", texts.index)
    yield _line("missing-receipts.csv", texts.missing)
    for name, said, is_there in (
        ("receipts/", texts.receipts, found.has_receipts),
        ("statements/", texts.statements, found.has_statements),
        ("after-the-close.csv", texts.later, found.has_later),
    ):
        if is_there:
            yield _line(name, said)
    yield _line("manifest.json", texts.manifest)
    yield _line("SHA256SUMS", texts.sums)
    if found.packages:
        names = {"packages": ", ".join(found.packages), "files": ", ".join(found.tool_files)}
        yield from ("", texts.datev, *(one.format(**names) for one in (texts.datev_first, texts.datev_then)))
        yield texts.datev_link
    yield from ("", texts.verify, "sha256sum -c SHA256SUMS")


def _line(name: str, said: str) -> str:
    return f"{name}\n{'':4}{said}".replace("\n", "\r\n") if len(name) > _WIDTH else f"{name:{_WIDTH}}  {said}"
