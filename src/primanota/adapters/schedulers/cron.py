"""cron: our lines in the user's crontab, between two marks; every other byte of it stays."""

import re

from primanota.adapters.schedulers.base import Plan, ScheduledCommand, Scheduler, SystemCommand
from primanota.adapters.schedulers.times import Times, cron
from primanota.core.errors import InvalidConfiguration, InvalidInput

_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_LONGEST_LINE = 990  # bytes; Vixie's cron reads no more than 1000
_FIELDS = 5  # minute, hour, day, month, weekday


class Cron(Scheduler, frozen=True):
    """The user's crontab.

    Args:
        login: the organisation whose run it is.
        crontab: its present content.

    Raises:
        InvalidConfiguration: our lines in it have a begin mark and no end mark.
    """

    crontab: bytes
    name = "cron"

    @property
    def lines(self) -> str:
        """Our lines in the present crontab."""
        return self._split()[1].decode()

    @property
    def stop(self) -> tuple[SystemCommand, ...]:
        """Write the crontab without our lines."""
        before, _, after = self._split()
        return (_write(before + after),)

    @property
    def status(self) -> SystemCommand:
        """Print the crontab."""
        return SystemCommand(("crontab", "-l"))

    def plan(self, command: ScheduledCommand, times: Times) -> Plan:
        """Return the crontab with our lines, at their old place or at its end.

        Raises:
            InvalidInput: the line would be longer than cron reads.
        """
        before, _, after = self._split()
        line = f"{expression(times)} {shell_line(command)}"
        if len(line.encode()) > _LONGEST_LINE:
            raise InvalidInput("The line would be longer than cron reads.", "Use shorter paths.")
        lines = f"{self._begin}\n{line}\n{self._end}\n"
        gap = b"" if not before or before.endswith(b"\n") else b"\n"
        return Plan(
            {},
            (_write(before + gap + lines.encode() + after),),
            lines,
            (
                "cron does not catch up runs missed while the machine was off. The next run has those rows too.",
                f"The output of a run is written to {command.log}.",
            ),
        )

    def _times(self, text: str) -> Times | None:
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        return cron(" ".join(lines[0].split()[:_FIELDS])) if lines else None

    @property
    def _begin(self) -> str:
        return f"# primanota {self.login}: begin, written by: primanota schedule install"

    @property
    def _end(self) -> str:
        return f"# primanota {self.login}: end"

    def _split(self) -> tuple[bytes, bytes, bytes]:
        """Return the crontab before our lines, our lines, and the crontab after them."""
        begin, end = f"{self._begin}\n".encode(), f"{self._end}\n".encode()
        found = re.search(rb"^" + re.escape(begin) + rb"(?:.*\n)*?" + re.escape(end), self.crontab, re.MULTILINE)
        if found:
            return self.crontab[: found.start()], found[0], self.crontab[found.end() :]
        if begin in self.crontab:
            raise InvalidConfiguration(
                f"The crontab has “{self._begin}” without “{self._end}” after it.", "Correct it with: crontab -e"
            )
        return self.crontab, b"", b""


def expression(times: Times) -> str:
    """Return the times in cron's five fields; Sunday is 0."""
    weekdays = tuple(sorted((day + 1) % 7 for day in times.weekdays))
    fields = (times.minutes, times.hours, times.days, times.months, weekdays)
    return " ".join(",".join(map(str, numbers)) or "*" for numbers in fields)


def shell_line(command: ScheduledCommand) -> str:
    """Return a command as one line for cron and its shell."""
    variables = "".join(f"{name}={quote(value)} " for name, value in command.environment.items())
    words = " ".join(map(quote, command.command))
    return f"cd {quote(str(command.folder))} && {variables}{words} >>{quote(str(command.log))} 2>&1"


def quote(text: str) -> str:
    r"""Return a text as one word for the shell, after cron has read the line.

    A per cent sign ends the command in a line of cron's unless a backslash stands before it, which some crons remove
    and some keep. Outside of quotes the backslash changes nothing for the shell either way. Two backslashes in a row,
    which some crons turn into one, are kept apart.
    """
    if _PLAIN.fullmatch(text):
        return text
    apart = text.replace("'", "'\"'\"'").replace("%", r"'\%'")
    return "'" + re.sub(r"\\(?=\\)", r"\\''", apart) + "'"


def _write(crontab: bytes) -> SystemCommand:
    return SystemCommand(("crontab", "-"), stdin=crontab)
