"""What holds after any trouble: each row is in one file of each place, or an exit code says which batch is open."""

from collections import Counter
from collections.abc import Iterator, Sequence

from tests.torture.canary import leaks
from tests.torture.commands import is_forbidden
from tests.torture.files.world import Ended, World, company

_ATTEMPTS = 4
_LOCKED, _INTERRUPTED = 3, 130


def broken_rules(
    world: World, ended: Sequence[Ended], *, whole: bool = False, at_once: bool = False
) -> Iterator[str]:
    """Yield which rules are broken, after some commands ended; then their people do what the messages advise.

    Args:
        world: the company.
        ended: the commands that were in trouble.
        whole: whether no file may be left over, as no process was killed and no removal failed.
        at_once: whether the commands met no other trouble than each other: then no batch may be open.
    """
    yield from _said(ended)
    killed = any(one.code is None for one in ended)
    if all(one.code == 0 for one in ended):
        yield from _rows(world, "all commands said that they succeeded")
        if open_batches := world.open_batches():
            yield f"batches {open_batches} are open, and all commands said that they succeeded"
    if whole and not killed and (left := _left_over(world, ended)):
        yield f"left over: {left}"
    if at_once and not killed and any(one.code not in {0, _LOCKED} for one in ended):
        yield f"runs that only met each other failed: {[one.text[-400:] for one in ended if one.code]}"
    words = ended[-1].words
    after: list[Ended] = []
    for _ in range(_ATTEMPTS):
        world.clock.advance(minutes=20)
        after.append(world.run(*words))
        if after[-1].code == 0:
            break
        for number in world.open_batches():
            after.append(world.run("batches", "again", f"{number}"))
            if after[-1].code:
                yield f"batch {number} cannot be written again: {after[-1].text[-400:]}"
    yield from _said(after)
    if after[-1].code != 0:
        yield f"it does not heal: exit {after[-1].code}: {after[-1].text[-600:]}"
        return
    yield from _healed(world, words, ended)


def _healed(world: World, words: tuple[str, ...], ended: Sequence[Ended]) -> Iterator[str]:
    yield from _rows(world, "after it healed")
    if open_batches := world.open_batches():
        yield f"batches {open_batches} are open after an exit code of 0"
    before = {path.name: path.read_bytes() for path in world.files.iterdir()}
    again, check = world.run(*words), world.run("check")
    if again.code != 0 or {path.name: path.read_bytes() for path in world.files.iterdir()} != before:
        yield f"a further run changes something: exit {again.code}: {again.text[-400:]}"
    if check.code != 0 or "whole" not in check.text:
        yield f"check: exit {check.code}: {check.text[-400:]}"
    yield from world.foreign_changes()
    yield from leaks(world.folder, "".join(one.text for one in (*ended, again, check)), world.simulator.secret)


def _said(ended: Sequence[Ended]) -> Iterator[str]:
    for one in ended:
        if is_forbidden(0 if one.code in {None, _INTERRUPTED} else one.code, one.text):
            yield f"{' '.join(one.words[:1])}: exit {one.code}: {one.text[-800:]}"


def _left_over(world: World, ended: Sequence[Ended]) -> list[str]:
    """Return what is left over.

    After an exit code that is not 0, files may be staged: those of open batches, and those of a run that could not
    put back its book, since it is not known for certain that the book does not have their batches.
    """
    left, failed = world.left_over(), any(one.code for one in ended)
    waiting = world.open_batches() if failed and world.place == "local" else []
    return [
        name
        for name in left
        if not (
            failed
            and name.startswith("files/.primanota-")
            and (world.place != "local" or any(f"-{number}-" in name for number in waiting))
        )
    ]


def _rows(world: World, when: str) -> Iterator[str]:
    """Yield which rows are missing in a place, or there twice."""
    truth = Counter(company().truth)
    for kind in world.to:
        found = Counter(world.delivered(kind))
        if found != truth:
            missing, twice = sorted((truth - found).elements()), sorted((found - truth).elements())
            yield f"{when}, but in the {kind} {len(missing)} rows are missing and {len(twice)} are too many"
