"""Books of any size, filled once in a run, for the benchmarks to use."""

import atexit
import tempfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from bank import Served, served
from measure import HERE, PROGRAM, Took, note, run

SINCE, UNTIL = "2000-01-01", "2099-12-31"
EVER = ("--since", SINCE, "--until", UNTIL)
ACCOUNT = "Hauptkonto"
_PYTHON = str(Path(PROGRAM).with_name("python"))
_SETTINGS = """
[organisation.{login}.ledger]
bank = "{bank}"
clearing = "{clearing}"
chart = "04"
consultant = 29098
client = 55003
"""
_SMALL = 100
_open = ExitStack()
atexit.register(_open.close)


class Company:
    """A bank of a size, and a book that was filled from it.

    `filling` is the measurement of its first sync, at the speed of the machine: without latency and without limits.
    """

    def __init__(self, size: int, bank: Served, home: Path) -> None:
        self.size = size
        self.bank = bank
        self.home = home
        self.book = home / "books" / f"{bank.login}.book"
        self.files = home / "files"
        self.filling = self._fill()
        self.bytes_of_book = self.book.stat().st_size

    def run(self, *words: str, discards: bool = False) -> Took:
        """Run Primanota once with this book; ``discards`` says that its output need not be kept."""
        return run(PROGRAM, *words, env=self.bank.environment(self.home), discards=discards)

    def name_accounts(self, bank: str, clearing: str) -> None:
        """Name the ledger accounts, for formats that write entries."""
        text = _SETTINGS.format(login=self.bank.login, bank=bank, clearing=clearing)
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def _fill(self) -> Took:
        self.home.mkdir()
        self.files.mkdir()
        unlimited = str(HERE / "unlimited.py")
        return run(_PYTHON, unlimited, "sync", env=self.bank.environment(self.home))


@cache
def company(size: int) -> Company:
    """Return the company of a size. It exists until the end of the run, and remembers what was done with it."""
    _warm_up()
    return _filled(size)


@cache
def _warm_up() -> None:
    """Fill a small book, so that no measured run compiles modules."""
    _filled(_SMALL)


def _filled(size: int) -> Company:
    note(f"filling a book of {size:,} transactions")
    bank = _open.enter_context(served(size, 0.0, "--no-limits"))
    folder = _open.enter_context(tempfile.TemporaryDirectory(prefix="primanota-bench-"))
    return Company(size, bank, Path(folder, "home"))
