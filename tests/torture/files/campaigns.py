"""The campaigns of files: each operation failed and killed, writers interleaved, disks that are too small."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path

from tests.torture.campaign import Campaign
from tests.torture.files import fence, processes, schedule, small_disks
from tests.torture.files.operations import Trouble, no_trouble
from tests.torture.files.oracle import broken_rules
from tests.torture.files.troubles import FAULTS, failing, killing
from tests.torture.files.world import PLACES, State, World, company

# At least as many operations as a run has, by the place of the book; tests/torture/files asserts it.
OPERATIONS = {"local": 400, "shared": 650, "s3": 430}


def begins() -> tuple[State | None, ...]:
    """Return the states in which a run may find the company: after its first export, and before it."""
    return company().first, None


def troubled(world: World, trouble: Trouble, command: str = "run", *, whole: bool = False) -> Iterator[str]:
    """Run a command in trouble, and yield the rules that are broken afterwards."""
    process = world.process(trouble)
    with world.open():
        ended = world.run(*world.words(command), process=process)
    yield from broken_rules(world, [ended], whole=whole)


def _kill(place: str, folder: Path, number: int, _: random.Random) -> list[str]:
    begin, operation = number % 2, number // 2 + 1
    world = World(folder, place, begin=begins()[begin])
    return list(troubled(world, killing(operation)))


def _fail(place: str, folder: Path, number: int, chance: random.Random) -> list[str]:
    begin, operation = number % 2, number // 2 % OPERATIONS[place] + 1
    world = World(folder, place, begin=begins()[begin])
    stays, fault = number // (2 * OPERATIONS[place]) % 2 == 1, chance.randrange(FAULTS)
    found = troubled(world, failing(operation, fault, stays=stays))
    return [f"fault {fault}{' that stays' * stays}: {rule}" for rule in found]


def _interleaved(place: str, folder: Path, number: int, chance: random.Random) -> list[str]:
    begin = None if number % 10 == 0 else company().first if number % 2 else company().synced
    command = "run" if begin is not company().synced else "export"
    world = World(folder, place, begin=begin)
    writers = 3 if number % 3 == 0 else 2
    turns = schedule.drawn(chance, OPERATIONS[place])
    ended = schedule.interleaved(world, [world.words(command)] * writers, turns)
    return [
        f"{rule} {turns} {[one.code for one in ended]}"
        for rule in broken_rules(world, ended, whole=True, at_once=True)
    ]


def _paused(place: str, folder: Path, number: int, _: random.Random) -> list[str]:
    world = World(folder, place, begin=company().synced)
    turns = [schedule.Turn(number // 2, 0, sleeps=bool(number % 2))]
    ended = schedule.interleaved(world, [world.words("export")] * 2, turns)
    return [f"{rule} {[one.code for one in ended]}" for rule in broken_rules(world, ended, whole=True, at_once=True)]


def _process(place: str, folder: Path, number: int, chance: random.Random) -> list[str]:
    world = World(folder, place, to=("folder",), begin=company().synced)
    words, operation = world.words("export"), chance.randrange(1, OPERATIONS[place])
    how = processes.HOWS[number % len(processes.HOWS)]
    with processes.in_trouble(world, words, operation, how) as ended:
        others = [world.run(*words)] if how == "stop" else []
        if chance.randrange(2):
            world.clock.advance(minutes=20)
            others += [world.run(*words)] if how == "stop" else []
    return [f"{how} at {operation}: {rule}" for rule in broken_rules(world, [*ended, *others])]


def _fence(place: str, folder: Path, _: int, chance: random.Random) -> list[str]:
    turns = schedule.drawn(chance, 160)
    return [f"{rule} {turns}" for rule in fence.broken_rules(folder, place, chance.choice((2, 3)), turns)]


def _small(folder: Path, number: int, chance: random.Random) -> list[str]:
    place, medium = _SMALL[number % len(_SMALL)]
    step = number // len(_SMALL)
    begin = company().first if medium == "pages" else company().synced
    world = World(folder, place, begin=begin, format=chance.choice(("csv", "xlsx")))
    trouble: Trouble = no_trouble
    limit: AbstractContextManager[None] = nullcontext()
    if medium == "pages":
        limit = small_disks.limited_books(len(begin.book) // _PAGE + step // 2)
    else:
        room = step * 45 if medium == "files" else step * 8192
        trouble = small_disks.holding(folder / medium, small_disks.used(folder / medium) + room)
    with world.open(), limit:
        words = world.words("run" if medium == "pages" else "export")
        ended = world.run(*words, process=world.process(trouble))
    return [f"exit {ended.code}: {rule}" for rule in broken_rules(world, [ended], whole=True)]


def _mounted(folder: Path, number: int, chance: random.Random) -> list[str]:
    place, medium = _SMALL[number % len(_SMALL)]
    medium = {"pages": "books" if place == "local" else "tmp"}.get(medium, medium)
    kilobytes = 16 + 8 * (number // len(_SMALL))
    (folder / medium).mkdir()
    with small_disks.mounted(folder / medium, kilobytes) as allowed:
        if not allowed:
            return []
        world = World(folder, place, format=chance.choice(("csv", "xlsx")))
        ended = world.run(*world.words("run"))
        small_disks.enlarge(folder / medium)
        return [f"{kilobytes} KB of {medium}: {rule}" for rule in broken_rules(world, [ended])]


_PAGE = 16_384
# Which disk is too small, by the place of the book.
_SMALL = (
    *(("local", "files"), ("local", "pages"), ("local", "tmp")),
    *(
        ("shared", "files"),
        ("shared", "pages"),
        ("shared", "share"),
        ("shared", "tmp"),
        ("s3", "pages"),
        ("s3", "tmp"),
    ),
)
CAMPAIGNS = (
    *(Campaign(f"files: kill, {place}", 2 * OPERATIONS[place], partial(_kill, place)) for place in PLACES),
    *(Campaign(f"files: fail, {place}", 8 * OPERATIONS[place], partial(_fail, place)) for place in PLACES),
    *(Campaign(f"files: pause, {place}", 2 * OPERATIONS[place], partial(_paused, place)) for place in PLACES),
    *(Campaign(f"files: interleaved, {place}", 1000, partial(_interleaved, place)) for place in PLACES),
    *(Campaign(f"files: processes, {place}", 300, partial(_process, place)) for place in ("local", "shared")),
    *(Campaign(f"files: fence, {place}", 2000, partial(_fence, place)) for place in ("shared", "s3")),
    Campaign("files: small disk", 60 * len(_SMALL), _small),
    Campaign("files: small disk, mounted", 40 * len(_SMALL), _mounted),
)
