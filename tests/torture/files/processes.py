"""Real processes that end, stop or are interrupted at an operation; nothing of them is imitated but their bank."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

from tests.support import environment
from tests.torture.files.operations import Call, Operation, Process, no_trouble
from tests.torture.files.world import Ended, World

How = Literal["exit", "kill", "term", "interrupt", "stop"]
HOWS: tuple[How, ...] = ("exit", "kill", "term", "interrupt", "stop")
_SECONDS = 120
_SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "interrupt": signal.SIGINT, "stop": signal.SIGSTOP}
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.torture.files.ready"])


def _work(folder: str, place: str, words: tuple[str, ...], number: int, how: How, told: Connection) -> None:
    os.environ.clear()
    os.environ.update(environment.plain())

    def trouble(_: Process, operation: Operation, call: Call, __: Call | None) -> Any:  # noqa: ANN401
        if operation.number == number:
            if how == "exit":
                os._exit(9)
            told.send("now")
            os.kill(os.getpid(), _SIGNALS[how])
        return call()

    world = World(Path(folder), place, to=("folder",))
    process = world.process(trouble if number else no_trouble)
    with world.open():
        ended = world.run(*words, process=process)
    told.send(ended)
    told.close()


@contextmanager
def in_trouble(world: World, words: tuple[str, ...], number: int, how: How) -> Iterator[list[Ended]]:
    """Run a command in a process of its own; if it is stopped at its operation, it goes on after the block.

    Yields:
        A list that has how the command ended when the block has ended: with no code if it was killed.
    """
    ours, theirs = _context.Pipe(duplex=False)
    arguments = (f"{world.folder}", world.place, words, number, how, theirs)
    process = _context.Process(target=_work, args=arguments)
    process.start()
    theirs.close()
    found: list[Ended] = []
    try:
        ended = _told(ours)
        if ended == "now" and how == "stop":
            yield found
            os.kill(process.pid or 0, signal.SIGCONT)
            ended = _told(ours)
        else:
            ended = _told(ours) if ended == "now" else ended
            yield found
        found.append(ended if isinstance(ended, Ended) else Ended(words, None, "", number))
    finally:
        process.join(_SECONDS)
        process.close()
        ours.close()


def _told(ours: Connection) -> object:
    """Return what the process tells; None if it has ended without a word."""
    if not ours.poll(_SECONDS):
        raise TimeoutError("the process does not end")
    try:
        return ours.recv()
    except EOFError:
        return None
