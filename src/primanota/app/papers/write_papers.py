"""Write the papers of an installation: the description of its procedure, and the log of receptions."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from primanota.adapters.storage import disk
from primanota.app.papers.describe_procedure import DescribedMachine, procedure
from primanota.app.workspace import Workspace
from primanota.book.journal import Journal
from primanota.book.receptions import receptions
from primanota.core.errors import DeliveryFailed
from primanota.core.period import END_OF_TIME, Period
from primanota.papers.description import description
from primanota.papers.pdf import pdf
from primanota.papers.receptions import reception_lines

# The description as PDF, the description as Markdown, and the log.
FORMATS: Final = ("pdf", "md", "csv")


class PapersRequest(NamedTuple):
    """Which papers are written.

    Args:
        folder: receives the files; it is made if it does not exist.
        language: the language of the description.
        formats: those of :data:`FORMATS` that are wanted.
        period: the days whose readings are in the log; None for all.
        machine: the machine that the description names.
    """

    folder: Path
    language: str
    formats: tuple[str, ...]
    period: Period | None
    machine: DescribedMachine


class WrittenPaper(NamedTuple):
    """A file of the papers, and whether it was written now; the same one may have been there."""

    path: Path
    is_new: bool


def write_papers(workspace: Workspace, journal: Journal, request: PapersRequest) -> list[WrittenPaper]:
    """Write the description as PDF and as Markdown, and the log as CSV; inside the book's ``reading``.

    A file there with other content is not replaced: the new one gets a number. The same settings, book and moment
    give the same bytes.

    Raises:
        DeliveryFailed: a file cannot be written.
    """
    language, period = request.language, request.period
    made = workspace.clock().astimezone(journal.zone).replace(microsecond=0)
    folder, name = disk.resolved(request.folder), f"{workspace.login}_{made:%Y-%m-%d}"
    described = f"procedure_{name}_{language}"
    text = ""
    if {"pdf", "md"} & set(request.formats):
        text = description(procedure(workspace, journal, made, language, request.machine, period), language)

    def log() -> Iterable[bytes]:
        span = period.span(journal.zone) if period else (0, END_OF_TIME)
        accounts = {one.id: (one.name, one.iban) for one in journal.accounts()}
        return reception_lines(receptions(journal.book, *span), accounts, journal.zone)

    made_by: dict[str, tuple[str, Callable[[], Iterable[bytes]]]] = {
        "pdf": (described, lambda: [pdf(text, language, made)]),
        "md": (described, lambda: [text.encode()]),
        "csv": (f"receptions_{name}{f'_{period.name}' if period else ''}", log),
    }
    wanted = [(suffix, *made_by[suffix]) for suffix in FORMATS if suffix in request.formats]
    return [_write(folder, stem, f".{suffix}", pieces()) for suffix, stem, pieces in wanted]


def _write(folder: Path, stem: str, suffix: str, pieces: Iterable[bytes]) -> WrittenPaper:
    """Write a file under the first name that no other file has; the same file is not written again."""
    key = disk.new_token()
    staged_for = folder / f"{stem}{suffix}"
    disk.stage(staged_for, key, pieces)
    try:
        return _named(folder, stem, suffix, staged_for, key)
    finally:
        disk.discard(staged_for, key)


def _named(folder: Path, stem: str, suffix: str, staged_for: Path, key: str) -> WrittenPaper:
    digest = disk.sha256_of(disk.staged(staged_for, key))
    for number in range(1, 1000):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}")
        if disk.is_there(path):
            if disk.sha256_of(path) == digest:
                return WrittenPaper(path, is_new=False)
        elif disk.name_staged(staged_for, key, path):
            return WrittenPaper(path, is_new=True)
    raise DeliveryFailed(f"{folder} has too many papers of this day.", "Name another folder with --to.")
