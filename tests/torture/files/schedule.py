"""Several writers that take turns: one of them runs at a time, and a schedule says when they change."""

import random
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from hypothesis import strategies as st

from tests.support.clock import Clock
from tests.torture.files.operations import Call, Killed, Operation, Process, Trouble
from tests.torture.files.world import Ended, World

# Longer than a lock or a claim is valid.
_LONG_MINUTES = 20
_MOST_WAITS = 100_000
_SECONDS = 120
T = TypeVar("T")


class Turn(NamedTuple):
    """A change of turns: after how many more operations the writer that runs pauses, and who runs then.

    ``writer`` is counted from the one that pauses. ``sleeps`` says whether the paused one sleeps so long that its
    lock is stale; ``dies`` whether it is killed instead.
    """

    operations: int
    writer: int
    sleeps: bool = False
    dies: bool = False


def drawn(chance: random.Random, most: int, *, dies: bool = True) -> tuple[Turn, ...]:
    """Return a schedule: some changes at any operation, or many close to each other."""
    count = chance.choice((1, 2, 2, 3, 4, 8, 40))
    longest = max(2, most // (1 if count == 1 else 2) if count < 8 else 12)
    return tuple(
        Turn(
            chance.randrange(longest),
            chance.randrange(2),
            sleeps=chance.random() < 0.25,
            dies=dies and chance.random() < 0.05,
        )
        for _ in range(count)
    )


def schedules(most: int = 300) -> st.SearchStrategy[tuple[Turn, ...]]:
    """Return a strategy of schedules, which hypothesis shrinks to few and early changes."""
    one = st.builds(Turn, st.integers(0, most), st.integers(0, 1), st.booleans(), st.just(value=False))
    return st.lists(one, max_size=6).map(tuple)


class Turning(Protocol):
    """Where processes take turns."""

    @property
    def clock(self) -> Clock:
        """The clock of all of them."""

    def open(self) -> AbstractContextManager[None]:
        """Let calls of the system within the block be operations."""

    def process(self, trouble: Trouble, wait: Callable[[], None]) -> Process:
        """Return a new process."""


class _Scheduler:
    """Gives the turn to one writer at a time."""

    def __init__(self, world: Turning, turns: Sequence[Turn], count: int) -> None:
        self._world = world
        self._turns = list(turns)
        self._wakes = [threading.Semaphore(0) for _ in range(count)]
        self._living = list(range(count))
        self._left = self._turns[0].operations if self._turns else -1
        self.waits = 0

    def begin(self) -> None:
        """Give the first turn."""
        self._wakes[0].release()

    def wait_for_turn(self, writer: int) -> None:
        """Wait until it is this writer's turn."""
        self._wakes[writer].acquire()

    def before(self, writer: int, process: Process) -> None:
        """Change turns before an operation, if the schedule says so."""
        if self._left != 0:
            self._left -= 1
            return
        turn = self._turns.pop(0)
        self._left = self._turns[0].operations if self._turns else -1
        if turn.dies:
            process.kill()
        if turn.sleeps:
            self._world.clock.advance(minutes=_LONG_MINUTES)
        self.give(writer, turn.writer)

    def give(self, writer: int, step: int = 0) -> None:
        """Let another writer run, and wait for the next turn of this one; do nothing if there is no other."""
        others = [one for one in self._living if one != writer]
        if others:
            self._hand_over(others[step % len(others)])
            self.wait_for_turn(writer)

    def yielded(self, writer: int) -> None:
        """Let another writer run, as this one waits for it."""
        self.waits += 1
        if self.waits > _MOST_WAITS:
            raise Killed
        self.give(writer, self.waits)

    def ended(self, writer: int) -> None:
        """Give the turn on after a writer has ended."""
        self._living.remove(writer)
        if self._living:
            self._hand_over(self._living[0])

    def _hand_over(self, writer: int) -> None:
        self._wakes[writer].release()


def take_turns(world: "Turning", works: Sequence[Callable[[Process], T]], turns: Sequence[Turn]) -> list[T]:
    """Run some works at once, each as a process in a thread, of which one runs at a time; return their results."""
    scheduler = _Scheduler(world, turns, len(works))
    done: dict[int, T] = {}
    failures: list[BaseException] = []

    def work(writer: int) -> None:
        def trouble(process: Process, _: Operation, call: Call, __: Call | None) -> Any:  # noqa: ANN401
            scheduler.before(writer, process)
            return call()

        process = world.process(trouble, lambda: scheduler.yielded(writer))
        scheduler.wait_for_turn(writer)
        try:
            done[writer] = works[writer](process)
        except BaseException as error:  # noqa: BLE001 - shown by the thread that waits
            failures.append(error)
        finally:
            scheduler.ended(writer)

    threads = [threading.Thread(target=work, args=(writer,), daemon=True) for writer in range(len(works))]
    with world.open():
        for thread in threads:
            thread.start()
        scheduler.begin()
        for thread in threads:
            thread.join(_SECONDS)
    if failures:
        raise failures[0]
    if len(done) < len(works):
        raise TimeoutError("the writers wait for each other")
    return [done[writer] for writer in range(len(works))]


def interleaved(world: World, commands: Sequence[tuple[str, ...]], turns: Sequence[Turn]) -> list[Ended]:
    """Run commands at once, each as a process, of which one runs at a time; return how they ended."""

    def command(words: tuple[str, ...]) -> Callable[[Process], Ended]:
        return lambda process: world.run(*words, process=process)

    return take_turns(world, [command(words) for words in commands], turns)
