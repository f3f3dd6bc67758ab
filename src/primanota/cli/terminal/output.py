"""Write results to stdout and everything else to stderr; show tables, amounts and errors."""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from itertools import compress
from typing import TYPE_CHECKING, Any, Self, TextIO

import click

from primanota.cli import texts
from primanota.cli.terminal import json_document, tables
from primanota.cli.terminal.sentences import folded
from primanota.cli.terminal.tables import Cell, ShownCell, TableColumn
from primanota.cli.texts import notice_words
from primanota.cli.texts.language import Writing, here, on_stdout
from primanota.core.disk_errors import disk_error
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.notice import Notice
from primanota.core.redaction import redacted, without_secrets
from primanota.core.text import escaped_json, visible

if TYPE_CHECKING:
    from rich.console import Console

# How an error begins, and its colour; errors are English.
_ERROR = ("Error:", "red")
# What answers a question in every language.
_YES, _NO = ("y", "yes"), ("n", "no")
# Whether the command that is running has written its one JSON document.
_json_written = ContextVar("_json_written", default=False)


class OutputFailed(DeliveryFailed):
    """stdout cannot be written: the disk behind it is full, or it is closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The output cannot be written: {reason}.", "Check where it is sent to.")

    @classmethod
    def of(cls, error: OSError) -> Self:
        """Return the error for one of the operating system."""
        failed = cls(error.strerror or f"{error}")
        found = disk_error(error, "The output", otherwise=failed)
        failed.message, failed.hint = found.message, found.hint
        return failed


def shown(text: str) -> str:
    """Return a text as it may leave the process: without secrets, and with control characters as escapes.

    Every text that this program prints passes here; ``info``, ``result``, ``table``, ``ask`` and ``confirm`` call it.
    """
    return visible(without_secrets(text))


def info(text: str) -> None:
    """Write a line for the user to stderr."""
    _line_on_stderr(text, *_ERROR if text.startswith(_ERROR[0]) else ())


def _line_on_stderr(text: str, beginning: str = "", colour: str | None = None) -> None:
    """Write a line to stderr; how it begins says what it is, and is coloured."""
    line = "\n".join(_lines(shown(redacted(text)), sys.stderr))
    if colour and tables.has_colours(sys.stderr):
        line = click.style(beginning, fg=colour, bold=True) + line.removeprefix(beginning)
    sys.stderr.write(f"{line}\n")


def pages(lines: Sequence[str]) -> None:
    """Write a long text to stdout; in a terminal that it does not fit into, through a pager."""
    if sys.stdin.isatty() and sys.stdout.isatty() and len(lines) >= shutil.get_terminal_size().lines:
        click.echo_via_pager("".join(f"{shown(line)}\n" for line in lines), color=False)
        return
    for text in lines:
        line(text)


def block(text: str, write: Callable[[str], None]) -> None:
    """Write a text of several lines with ``info``, ``result`` or ``line``."""
    for one in text.split("\n"):
        write(one)


def ask(question: str, *, default: str | None = None, show_default: bool = False, hide: bool = False) -> str:
    """Ask a question on stderr, and return the answer."""
    if default is not None:
        default = shown(default)
    answer: str = click.prompt(
        shown(question),
        default=default,
        show_default=show_default,
        hide_input=hide,
        err=True,
        prompt_suffix=f"{here().colon} ",
    )
    return answer


def confirm(question: str) -> bool:
    """Ask a question on stderr that is answered by yes or no, also in the terminal's language; Enter is no."""
    words = texts.prompts().answers
    while True:
        answer = ask(words.question.format(question=question), default="").strip().casefold()
        if answer in {*words.yes, *_YES}:
            return True
        if answer in {"", *words.no, *_NO}:
            return False
        info(words.again)


def notice(one: Notice) -> None:
    """Write a notice to stderr, in the language of the terminal."""
    note(notice_words.sentence(one, sys.stderr))


def note(sentence: str) -> None:
    """Write a sentence that the user should know to stderr."""
    beginning = texts.prompts().note
    _line_on_stderr(f"{beginning} {sentence}", beginning, "yellow")


def result(text: str = "") -> None:
    """Write a sentence of the result to stdout; a terminal that is too narrow has it on several lines.

    Raises:
        OutputFailed: stdout cannot be written.
    """
    with _stdout() as out:
        for one in _lines(shown(text), out):
            out.write(f"{one}\n")


def line(text: str = "") -> None:
    """Write a line of a document to stdout, as it is.

    Raises:
        OutputFailed: stdout cannot be written.
    """
    with _stdout() as out:
        out.write(f"{shown(text)}\n")


def raw(document: str) -> None:
    """Write a document of the bank to stdout, without secrets. In a terminal, control characters become JSON escapes.

    Raises:
        OutputFailed: stdout cannot be written.
    """
    with _stdout() as out:
        document = without_secrets(document)
        out.write(f"{escaped_json(document) if out.isatty() else document}\n")


def as_json(data: Any) -> None:  # noqa: ANN401 - any JSON value
    """Write the result as JSON to stdout: one document per command.

    An iterable in it is written as it is read. If that fails, the document ends with the keys of the error.

    Raises:
        PrimanotaError: an iterable could not be read, or stdout cannot be written.
    """
    _json_written.set(True)
    for piece in json_document.pieces(data, error_data):
        with _stdout() as out:
            out.write(escaped_json(without_secrets(piece)))


def error(problem: PrimanotaError, *, machines: bool) -> None:
    """Write an error and its hint to stderr; with --json also to stdout, unless a document was written already."""
    for one in problem.notices:
        notice(one)
    info(f"{_ERROR[0]} {problem.message}")
    if problem.hint:
        info(f"       {problem.hint}")
    if problem.topic:
        info(f"       More: primanota help {problem.topic}")
    if machines and not _json_written.get():
        as_json(error_data(problem))


def error_data(problem: PrimanotaError | None) -> dict[str, object]:
    """Return the JSON keys of an error; an empty dict for None."""
    return {"error": problem.message, "hint": problem.hint, "exit_code": problem.exit_code} if problem else {}


def whole_file(content: bytes) -> None:
    """Write a file to stdout, byte for byte.

    Raises:
        OutputFailed: stdout cannot be written.
    """
    with _stdout() as out:
        out.flush()
        out.buffer.write(content)
        out.buffer.flush()


def flush() -> None:
    """Write what is still buffered for stdout.

    Raises:
        OutputFailed: stdout cannot be written.
    """
    if sys.stdout is not None:  # it is None if it was closed before the start
        with _stdout() as out:
            out.flush()


def discard() -> None:
    """Discard what is still buffered for stdout, so that the interpreter does not fail on it at exit."""
    with suppress(OSError, AttributeError):  # stdout is closed, or is not a real file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _stdout() -> Iterator[TextIO]:
    """Yield stdout, and translate its errors."""
    if sys.stdout is None:
        raise OutputFailed("it is closed")
    try:
        yield sys.stdout
    except BrokenPipeError:
        raise BrokenPipeError from None  # without its number, on which click would end the process
    except OSError as error:
        raise OutputFailed.of(error) from None


def rows(number: int) -> str:
    """Return a number of rows with its noun."""
    return "1 row" if number == 1 else f"{number} rows"


def table(
    headings: Sequence[str | TableColumn],
    rows: Iterable[Sequence[Cell]],
    *,
    notes: Iterable[str] = (),
) -> None:
    """Write a table to stdout. Texts are never read as markup.

    Args:
        headings: the columns; one that is given by its heading alone has names.
        rows: the values of each row.
        notes: sentences below the table.
    """
    every = [heading if isinstance(heading, TableColumn) else TableColumn(shown(heading)) for heading in headings]
    writing = on_stdout()
    kept = [not (writing.people and column.for_programs) for column in every]
    columns = [*compress(every, kept)]
    cells = [[_shown_cell(cell, writing) for cell in compress(row, kept)] for row in rows]
    if writing.people:
        colours = tables.has_colours(sys.stdout)
        lines = tables.lines_for_people(columns, cells, tables.terminal_width(), colours=colours)
    else:
        lines = tables.lines_for_programs(columns, cells)
    with _stdout() as out:
        for one in (*lines, *(part for note in notes for part in _lines(shown(note), out)), ""):
            out.write(f"{one}\n")


def _lines(text: str, stream: TextIO) -> list[str]:
    return folded(text, tables.terminal_width()) if stream.isatty() else [text]


def _shown_cell(cell: Cell, writing: Writing) -> ShownCell:
    laid = tables.shown_cell(cell, writing)
    return laid._replace(text=shown(laid.text))


def console(*, stderr: bool = False) -> "Console":
    """Return a rich console that shows bank texts literally: no markup, no emoji codes, no highlighting."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
