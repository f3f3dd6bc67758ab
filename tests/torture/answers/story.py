"""A case: a company, perhaps a clean week, then trouble, then a bank that answers right again."""

import random
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import stamina
from hypothesis import strategies as st

from primanota import profiles
from primanota.book import ORGANISATION
from primanota.core.errors import NotProven
from tests.support.clock import NOON, Clock
from tests.torture.answers.clocks import Jump, JumpingClock
from tests.torture.answers.company import LATER, Answer, BankState, bank_state
from tests.torture.answers.desk import Desk
from tests.torture.answers.files import day_of, rows_of, wrong_cells, wrong_file_of
from tests.torture.answers.letters import OFFICE
from tests.torture.answers.mutations import HONEST, Mutation
from tests.torture.answers.oracle import false_proofs, wrong_book
from tests.torture.answers.serial import any_rate, serial, short_wire
from tests.torture.answers.transport import Trouble
from tests.torture.canary import leaks
from tests.torture.commands import Told

_FIRST = "2016-01-01"
_NEW = ("--new", "--since", _FIRST)
_RUN = ("run", "TOOL", *_NEW, "--to", "FOLDER/files", "--to", f"mailto:{OFFICE}")
_TROUBLED: tuple[tuple[str, ...], ...] = (
    *(("sync",), ("sync", "--json"), _RUN, ("sync", "--full"), (*_RUN, "--json"), ("sync", "-v")),
)
_REACHES = (1, 2, 3, 5, 8, 13, 21, 34, 10_000, 10_000, 10_000, 10_000)
# For each account: what a bank may be asked that contradicts itself each time, see ``paging.py``, and a half more.
_MOST_REQUESTS = 1_500
# Each case has a few of these on the troubled book, and all cases together have all of them.
_OTHERS: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("review",),),
    (("check",),),
    (("sync", "--json"),),
    (("batches",), ("batches", "show", "1")),
    (("review", "--json"), ("review", "accept", "--all")),
    (("check", "--json"),),
    (("rules", "test"),),
    (("get", "/v2/labels"), ("profiles",)),
    (("export", "TOOL", *_NEW, "--dry-run"), ("export", "TOOL", "--period", "2026", "--dry-run", "--json")),
    (("book", "export", "FOLDER/backup"), ("book", "reindex")),
    (("rules", "test", "--json"), ("batches", "--json")),
    (("batches", "undo", "1", "--yes"), ("batches", "redo", "1")),
    (("export", "TOOL", "--changed", "--to", "FOLDER/changed"), ("review", "accept", "1")),
    (("get", "--json", "/v2/organization"), ("batches", "again", "1", "--to", "FOLDER/again.csv")),
)


class _CleanWeek(NamedTuple):
    files: dict[str, bytes]
    answers: list[Answer]


# What is left of a clean week, by folder, company and accounts: a book has the paths of its files.
_CLEAN_WEEKS: dict[tuple[Path, int, int], _CleanWeek] = {}


class Plan(NamedTuple):
    """What a case does beside its mutations, in small numbers: an index each, or whether it does something."""

    seed: int = 0
    later: int = 0
    command: int = 0
    reach: int = len(_REACHES) - 1
    profile: int = 0
    other: int = 0
    scheme: int = 0
    all_accounts: int = 0
    real_client: int = 0
    threads: int = 0
    undated: int = 0

    @property
    def uses(self) -> bool:
        """Whether other commands use the troubled book."""
        return self.scheme in {0, 5, 6, 7}

    @property
    def recovers(self) -> bool:
        """Whether the bank answers rightly again afterwards."""
        return self.scheme <= _LAST_THAT_RECOVERS


_LAST_THAT_RECOVERS = 4
_MOST = Plan(4, 2, len(_TROUBLED), len(_REACHES), 40, len(_OTHERS), 8, 10, 8, 40, 2)


def plan_of(chance: random.Random, number: int) -> Plan:
    """Return the plan of a case; the profiles take turns by its number. Most cases take the shorter ways."""
    drawn = Plan(*map(chance.randrange, _MOST))
    few = {name: int(getattr(drawn, name) == 1) for name in ("all_accounts", "real_client", "threads")}
    return drawn._replace(profile=number % 40, undated=0, **few)


def plans() -> st.SearchStrategy[Plan]:
    """Return a strategy of plans."""
    return st.builds(
        Plan, *(st.integers(0, most - 1) for most in _MOST._replace(all_accounts=2, real_client=2, threads=1))
    )


class Story:
    """A case.

    Args:
        folder: an empty folder.
        case: the mutations.
        plan: everything else.
        jumps: how the clock of this machine jumps meanwhile.
    """

    def __init__(self, folder: Path, case: tuple[Mutation, ...], plan: Plan, jumps: tuple[Jump, ...] = ()) -> None:
        self._plan = plan
        self._has_real_client = bool(plan.real_client) or any(one.kind in {"headers", "framing"} for one in case)
        self._is_honest = all(one.kind in HONEST for one in case)
        self._true = Clock(NOON + timedelta(minutes=1))
        self._all_accounts = bool(plan.all_accounts)
        state = self._state(later=False)
        self._trouble = Trouble(state, case, self._true)
        self._trouble.is_dated = not plan.undated
        self._clock = JumpingClock(self._true, jumps)
        self._desk = Desk(folder, state.login, state.secret, self._clock, self._trouble)

    def broken(self) -> Iterator[str]:
        """Run the commands, and yield what breaks a rule."""
        threads = nullcontext() if self._plan.threads else serial()
        wire = nullcontext() if self._has_real_client else short_wire()
        with any_rate(), threads, wire, stamina.set_testing(testing=True, attempts=3):
            if self._plan.later:
                yield from self._clean_week()
            yield from self._troubled()
            if self._plan.recovers:
                yield from self._recovered()
        yield from self._desk.wrong_words()
        if self._trouble.most_requests > _MOST_REQUESTS * (4 if self._all_accounts else 2):
            yield f"{self._trouble.most_requests} requests of one command"
        printed = "".join(told.text for told in self._desk.said)
        yield from leaks(self._desk.folder, printed, self._trouble.state.secret)

    def _state(self, *, later: bool) -> BankState:
        return bank_state(self._plan.seed + 1, later=later, all_accounts=self._all_accounts)

    def _run(self, *words: str) -> Told:
        self._true.advance(minutes=1)
        self._trouble.requests = 0
        return self._desk.run(*words)

    def _clean_week(self) -> Iterator[str]:
        """Sync and export without trouble, or take the files of an earlier case that did; then a day passes."""
        key = (self._desk.folder, self._plan.seed, self._plan.all_accounts)
        if key in _CLEAN_WEEKS:
            self._trouble.earlier[:] = _CLEAN_WEEKS[key].answers
            for name, content in _CLEAN_WEEKS[key].files.items():
                path = self._desk.folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        else:
            for words in (("sync",), ("export", "TOOL", *_NEW, "--to", "FOLDER/files")):
                yield from _failed(self._run(*words))
            yield from self._wrong_book()
            made = (path for path in self._desk.folder.rglob("*") if path.is_file())
            files = {f"{path.relative_to(self._desk.folder)}": path.read_bytes() for path in made}
            _CLEAN_WEEKS[key] = _CleanWeek(files, self._trouble.earlier[:])
        self._trouble.state = self._state(later=True)
        self._true.now = NOON + LATER

    def _troubled(self) -> Iterator[str]:
        """Sync or run with mutated answers, and use the book that comes of it."""
        words = _TROUBLED[self._plan.command]
        self._trouble.begin(_REACHES[self._plan.reach])
        self._clock.jumping = True
        told = self._run(*words)
        if told.code in {0, 6}:
            yield from self._false_proofs(told)
        if words[0] == "run":
            yield from self._wrong_letters(told)
        if self._plan.uses:
            self._use(words[0])
        yield from self._wrong_rows(self._desk.folder / "files")
        self._trouble.end()
        self._clock.jumping = False

    def _use(self, command: str) -> None:
        """Export from the troubled book, and run some other commands."""
        if command == "sync":
            self._run("export", "TOOL", *_NEW, "--to", "FOLDER/files")
        name = profiles.names()[self._plan.profile]
        self._run("export", name, "--period", "2026", "--allow-unproven", "--to", "FOLDER/other")
        for more in _OTHERS[self._plan.other]:
            self._run(*more)

    def _recovered(self) -> Iterator[str]:
        """Hold book and files against the truth after the bank has answered rightly again."""
        if self._is_of_another_organisation():
            if not self._run("sync").code:
                yield "sync: exit 0 with the book of another organisation"
            return
        whole = self._plan.scheme == 0
        if self._is_honest or self._plan.other % 3 == 0 or whole:
            told = self._run("sync")
            yield from self._false_proofs(told)
            if self._is_honest or told.code != NotProven.exit_code:
                yield from _failed(told)
        if not self._is_honest:
            yield from _failed(self._run("sync", "--full"))
        yield from self._wrong_book()
        yield from _failed(self._run("export", "TOOL", *_NEW, "--to", "FOLDER/files"))
        if self._trouble.lies or self._plan.later:
            yield from _failed(self._run("export", "TOOL", "--changed", "--to", "FOLDER/changed"))
        yield from self._wrong_files()
        if whole:
            yield from _failed(self._run("check"))
            yield from self._wrong_profile()

    def _false_proofs(self, told: Told) -> Iterator[str]:
        with self._desk.book() as book:
            for why in false_proofs(book, self._trouble.state, self._trouble.lies):
                yield f"{' '.join(told.words)}: {why}"

    def _wrong_book(self) -> Iterator[str]:
        with self._desk.book() as book:
            for why in wrong_book(book, self._trouble.state):
                yield f"after {' '.join(self._desk.said[-1].words)}: {why}"

    def _is_of_another_organisation(self) -> bool:
        with self._desk.book() as book:
            bodies = book.bodies(ORGANISATION).values()
        return any(msgspec.json.decode(body)["id"] != self._trouble.state.organisation_id for body in bodies)

    def _wrong_letters(self, told: Told) -> Iterator[str]:
        """Yield what is wrong with the mail of a run beside what no mail may have: there is one, with the files."""
        if len(self._desk.letters) != 1:
            yield f"{len(self._desk.letters)} mails of a run with exit {told.code}: {told.text[-300:]}"

    def _wrong_rows(self, folder: Path) -> Iterator[str]:
        """Yield how files differ from the book, by ids, local days and signed cents."""
        select = "SELECT id, settled, amount FROM latest WHERE kind = 'transaction' AND absent = 0"
        if not folder.exists():
            return
        with self._desk.book() as book:
            ours = {key: (settled, amount) for key, settled, amount in book.rows(select)}
        for row in rows_of(folder):
            key, amount = row["Id"].removeprefix("'"), int(row["Amount"].replace(".", ""))
            settled, known = ours.get(key, (None, None))
            truth = self._trouble.state.completed.get(key)
            if known != amount and not self._trouble.lies:
                yield f"{key}: {amount} cents in a file, {known} in the book"
            if settled is not None and not self._trouble.lies and truth and row["Day"] != day_of(truth):
                yield f"{key}: another day in a file"

    def _wrong_files(self) -> Iterator[str]:
        """Yield which completed rows are not in exactly one file, or not as they are at the bank."""
        folder, truth = self._desk.folder, self._trouble.state.completed
        first, corrected = rows_of(folder / "files"), rows_of(folder / "changed")
        times = Counter(row["Id"] for row in first)
        if wrong := {key: times[key] for key in truth if times[key] != 1}:
            yield f"rows that are not in exactly one file: {wrong}"
        last = {row["Id"]: row for row in [*first, *corrected]}
        for key in times.keys() - truth.keys():
            if not self._trouble.lies or times[key] > 1:
                yield f"{key!r} is in {times[key]} files, and not at the bank"
        if any(told.words[:2] == ("review", "accept") for told in self._desk.said):
            return  # what was accepted is not corrected
        for key in truth.keys() & last.keys():
            yield from wrong_cells(last[key], truth[key])

    def _wrong_profile(self) -> Iterator[str]:
        """Export a profile from the right book; yield how it differs from the bank, or from a clean book."""
        name = profiles.names()[self._plan.profile]
        told = self._run("export", name, "--since", _FIRST, "--to", "FOLDER/late")
        later = self._trouble.state is self._state(later=True)
        code = clean_code(self._plan.seed, name, later=later, all_accounts=self._all_accounts)
        if told.code != code:
            yield f"{name}: exit {told.code}, and {code} with a clean book: {told.text[-300:]}"
        if not told.code:
            yield from wrong_file_of(name, self._desk.folder / "late", self._trouble.state.completed.values())


@lru_cache(maxsize=1000)
def clean_code(seed: int, profile: str, *, later: bool, all_accounts: bool) -> int:
    """Return the exit code of an export from a book that never met trouble."""
    with tempfile.TemporaryDirectory() as name, serial(), short_wire():
        true = Clock(NOON + LATER + timedelta(hours=1))
        state = bank_state(seed + 1, later=later, all_accounts=all_accounts)
        desk = Desk(Path(name), state.login, state.secret, true, Trouble(state, (), true))
        desk.run("sync")
        return desk.run("export", profile, "--since", _FIRST, "--to", "FOLDER/late").code


def _failed(told: Told) -> Iterator[str]:
    if told.code:
        yield f"{' '.join(told.words)}: exit {told.code} after the trouble: {told.text[-500:]}"


def broken_rules(folder: Path, case: tuple[Mutation, ...], plan: Plan, jumps: tuple[Jump, ...] = ()) -> list[str]:
    """Run one case in an empty folder, and return what breaks a rule."""
    return list(Story(folder, case, plan, jumps).broken())
