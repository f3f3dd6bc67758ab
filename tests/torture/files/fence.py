"""Writers of one shared book that fetch it, add a line and put it back: no line that was put back is lost."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from primanota.adapters.storage import remote_book
from primanota.adapters.storage.book_place import BookStore
from primanota.adapters.storage.s3 import Location, Store
from primanota.adapters.storage.s3_book import S3BookStore
from primanota.core.errors import BookConflict, BookLocked
from tests.torture.files.hosts import Objects
from tests.torture.files.operations import Killed, Process, Trouble
from tests.torture.files.schedule import Turn, take_turns
from tests.torture.files.watched import watched
from tests.torture.files.world import MovingClock

_ATTEMPTS = 30


class Share:
    """A shared folder, or a bucket, with a book of lines.

    Args:
        folder: an empty folder.
        place: ``shared`` or ``s3``.
        lines: how many lines each writer adds, each in a put of its own.
    """

    def __init__(self, folder: Path, place: str, lines: int = 2) -> None:
        self.folder = folder
        self.clock = MovingClock()
        self.objects = Objects()
        self._place = place
        self._lines = lines
        for name in ("share", "tmp"):
            (folder / name).mkdir()
        self.book = folder / "share" / "a.book"

    def open(self) -> AbstractContextManager[None]:
        """Let calls of the system within the block be operations."""
        return watched(self.folder / "tmp", self.objects.client)

    def process(self, trouble: Trouble, wait: Callable[[], None]) -> Process:
        """Return a new process."""
        return Process(self.folder, self.clock, trouble, wait)

    def store(self) -> BookStore:
        """Return a store of the book."""
        if self._place == "s3":
            return S3BookStore(Store(), Location("acme-files", "a.book"))
        store = remote_book.book_store(f"shared:{self.book}", Store())
        assert store
        return store

    def write(self, name: str, process: Process) -> list[str]:
        """Add lines, and repeat each after a conflict; return those that were put back."""
        done: list[str] = []
        with process.running():
            try:
                for number in range(self._lines):
                    line = f"{name}{number}"
                    if self._add(line):
                        done.append(line)
            except Killed:
                pass
        return done

    def _add(self, line: str) -> bool:
        copy = self.folder / "tmp" / line
        for _ in range(_ATTEMPTS):
            try:
                copy.unlink(missing_ok=True)
                revision = self.store().fetch(copy)
                present = copy.read_text(encoding="utf-8") if revision else ""
                copy.write_text(f"{present}{line}\n", encoding="utf-8")
                self.store().upload(copy, revision)
            except (BookConflict, BookLocked):
                continue
            return True
        return False


def broken_rules(folder: Path, place: str, writers: int, turns: Sequence[Turn]) -> Iterator[str]:
    """Yield what breaks a rule: a line that is lost or twice, or a hidden file that is left."""
    share = Share(folder, place)

    def writer(name: str) -> Callable[[Process], list[str]]:
        return lambda process: share.write(name, process)

    done = take_turns(share, [writer("abc"[number]) for number in range(writers)], turns)
    found = Counter(_lines(share))
    wanted = Counter(line for lines in done for line in lines)
    dies = any(turn.dies for turn in turns)
    if wanted - found or max(found.values(), default=0) > 1 or (found - wanted and not dies):
        yield f"{sorted(wanted.elements())} were put back, and {sorted(found.elements())} are there"


def _lines(share: Share) -> list[str]:
    copy = share.folder / "tmp" / "last"
    share.clock.advance(minutes=20)
    process = share.process(lambda _, __, call, ___: call(), lambda: None)
    with share.open(), process.running():
        return copy.read_text(encoding="utf-8").splitlines() if share.store().fetch(copy) else []
