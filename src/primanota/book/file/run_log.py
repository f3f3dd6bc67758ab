"""The book's log of runs: which command ran when, and how it ended."""

from typing import NamedTuple

from primanota.book.file.database import Database


class LoggedRun(NamedTuple):
    """A run of a command. Moments are microseconds UTC; without an end it is running, or was killed."""

    number: int
    command: str
    program: str
    started: int
    ended: int | None
    outcome: str


def last_runs(database: Database, most: int, command: str = "") -> list[LoggedRun]:
    """Return the last runs of a command, or of all commands, newest first.

    Args:
        database: the book.
        most: how many at most.
        command: how the command begins.
    """
    select = """SELECT number, command, program, started, ended, ifnull(outcome, '') FROM run
                WHERE substr(command, 1, length(?1)) = ?1 ORDER BY number DESC LIMIT ?2"""
    return [LoggedRun(*row) for row in database.rows(select, command, most)]
