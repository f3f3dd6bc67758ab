"""cron: lines of ours in the user's crontab, between two marks; all else in it stays, byte for byte."""

import re
from pathlib import Path

import msgspec

from primanota.adapters.schedulers.job import Command, Plan, ScheduledCommand
from primanota.adapters.schedulers.times import Times
from primanota.core.errors import InvalidConfiguration, InvalidInput

_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_LONGEST_LINE = 990  # bytes; Vixie's cron reads no more than 1000


class Cron(msgspec.Struct, frozen=True):
    """The user's crontab.

    Args:
        login: whose job it is.
        crontab: what is in it now.

    Raises:
        InvalidConfiguration: our lines in it have a beginning and no end.
    """

    login: str
    crontab: bytes
    name = "cron"
    zoned = False
    encoding = "utf-8"

    @property
    def files(self) -> tuple[Path, ...]:
        """None of its own."""
        return ()

    @property
    def lines(self) -> str:
        """Ours, in the crontab as it is."""
        return self._parted()[1].decode()

    @property
    def stop(self) -> tuple[Command, ...]:
        """The crontab without our lines."""
        before, _, after = self._parted()
        return (_written(before + after),)

    @property
    def settle(self) -> tuple[Command, ...]:
        """Nothing: cron sees by itself what changed."""
        return ()

    @property
    def ask(self) -> Command:
        """The crontab."""
        return Command(("crontab", "-l"))

    def plan(self, job: ScheduledCommand, times: Times) -> Plan:
        """The crontab with our lines, where they were or at its end.

        Raises:
            InvalidInput: the line would be longer than cron reads.
        """
        before, _, after = self._parted()
        line = f"{expression(times)} {command(job)}"
        if len(line.encode()) > _LONGEST_LINE:
            raise InvalidInput("The line would be longer than cron reads.", "Use shorter paths.")
        lines = f"{self._begin}\n{line}\n{self._end}\n"
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        return Plan(
            {},
            (_written(before + gap + lines.encode() + after),),
            lines,
            (
                "cron does not catch up what it missed while the machine was off. The next run has those rows too.",
                f"What a run says goes into {job.log}.",
            ),
        )

    @property
    def _begin(self) -> str:
        return f"# primanota {self.login}: begin, written by: primanota schedule install"

    @property
    def _end(self) -> str:
        return f"# primanota {self.login}: end"

    def _parted(self) -> tuple[bytes, bytes, bytes]:
        """The crontab before our lines, our lines, and after them."""
        begin, end = f"{self._begin}\n".encode(), f"{self._end}\n".encode()
        found = re.search(rb"^" + re.escape(begin) + rb"(?:.*\n)*?" + re.escape(end), self.crontab, re.MULTILINE)
        if found:
            return self.crontab[: found.start()], found[0], self.crontab[found.end() :]
        if begin in self.crontab:
            raise InvalidConfiguration(
                f"The crontab has “{self._begin}”, and no “{self._end}” after it.", "Mend it with: crontab -e"
            )
        return self.crontab, b"", b""


def expression(times: Times) -> str:
    """The times as cron writes them; Sunday is 0."""
    weekdays = tuple(sorted((day + 1) % 7 for day in times.weekdays))
    fields = (times.minutes, times.hours, times.days, times.months, weekdays)
    return " ".join(",".join(map(str, numbers)) or "*" for numbers in fields)


def command(job: ScheduledCommand) -> str:
    """The job as one line for cron and the shell behind it."""
    variables = "".join(f"{name}={quoted(value)} " for name, value in job.environment.items())
    words = " ".join(map(quoted, job.command))
    return f"cd {quoted(str(job.folder))} && {variables}{words} >>{quoted(str(job.log))} 2>&1"


def quoted(text: str) -> str:
    r"""A text as one word for the shell, once cron has read the line.

    A per cent sign ends a line of cron's unless a backslash stands before it, which some crons take away and some
    leave. Outside of the quotes it does no harm to the shell either way. Two backslashes in a row, which some crons
    make one, are kept apart.
    """
    if _PLAIN.fullmatch(text):
        return text
    apart = text.replace("'", "'\"'\"'").replace("%", r"'\%'")
    return "'" + re.sub(r"\\(?=\\)", r"\\''", apart) + "'"


def _written(crontab: bytes) -> Command:
    return Command(("crontab", "-"), given=crontab)
