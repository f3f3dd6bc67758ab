"""The rules that hold whatever the bank answers: a documented exit code, no mistake, no key, and no false proof."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import stamina

from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.book import ACCOUNT
from primanota.cli import main
from primanota.core.period import microseconds
from primanota.simulator import Simulator
from tests.support.clock import Clock
from tests.support.simulator_client import LOOPBACK
from tests.torture.answers.mutations import MutatingTransport, Mutation
from tests.torture.canary import leaks

_DOCUMENTED = {0, 2, 3, 4, 5, 6, 7, 8}
_NEVER = ("mistake in Primanota", "Traceback")
_TOOL = """
title = "A tool"
format = "csv"
source = "invented"
[options]
columns = [["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Text", "{details}{reference}"]]
"""
# Other formats take turns, as each case has time for a few exports only.
_PROFILES = (
    *("lexware", "excel", "actual", "jsonl", "datev", "gnucash", "norma43-es", "coda-be", "cfonb-fr", "mt940", "qif"),
    *("odoo", "datev-mt940", "ofx", "holded", "sevdesk"),
)


_COMPLETED = "FROM latest WHERE kind = 'transaction' AND absent = 0 AND status = 'completed'"


class Told(NamedTuple):
    """What a command said."""

    words: tuple[str, ...]
    code: int
    text: str


class Case:
    """One company whose bank answers with mutations, and the commands of a week.

    Args:
        folder: an empty folder.
        case: the mutations.
        seed: the company.
    """

    def __init__(self, folder: Path, case: tuple[Mutation, ...], seed: int = 1) -> None:
        self.folder = folder
        self.simulator = Simulator(size=40, seed=seed, clock=Clock())
        self.transport = MutatingTransport(self.simulator.transport(), case, self.simulator.secret)
        self._profile = _PROFILES[sum(sum(one[1:]) for one in case) % len(_PROFILES)]
        self._clock = Clock()
        tool = folder / "tool.toml"
        tool.write_text(_TOOL, encoding="utf-8")
        self._tool = str(tool)
        self._variables = {
            "PRIMANOTA_HOME": str(folder / "home"),
            "PRIMANOTA_LOGIN": self.simulator.login,
            "PRIMANOTA_SECRET_KEY": self.simulator.secret,
            "PRIMANOTA_API_URL": LOOPBACK,
        }

    def run(self, *words: str) -> Told:
        """Run a command."""
        out, err = io.StringIO(), io.StringIO()
        settings = partial(
            Workspace, settings=config.load(self._variables), clock=self._clock, transport=self.transport
        )
        with redirect_stdout(out), redirect_stderr(err):
            code = main(list(words), settings)
        return Told(words, code, out.getvalue() + err.getvalue())

    def failures(self) -> Iterator[str]:
        """Run the commands, and yield what breaks a rule."""
        with self.simulator, stamina.set_testing(testing=True, attempts=3):
            first = self.run("sync")
            yield from self._broken(first)
            if first.code == 0:
                yield from self._false_proof()
            self._clock.advance(minutes=1)
            said = [
                self.run("export", self._tool, "--new", "--since", "2016-01-01", "--to", str(self.folder / "files"))
            ]
            proven = first.code == 0 and said[0].code == 0
            if proven:
                yield from self._wrong_file()
            for words in (
                ("review",),
                ("export", self._tool, "--period", "2026", "--allow-unproven", "--to", f"{self.folder}/all"),
                ("export", self._profile, "--period", "2026", "--allow-unproven", "--to", f"{self.folder}/other"),
                ("sync", "--json"),
                ("check",),
            ):
                said += [self.run(*words)]
            for told in said:
                yield from self._broken(told)
            yield from leaks(self.folder, "".join(one.text for one in [first, *said]), self.simulator.secret)

    def _broken(self, told: Told) -> Iterator[str]:
        if told.code not in _DOCUMENTED or any(word in told.text for word in _NEVER):
            yield f"{' '.join(told.words[:2])}: exit {told.code}: {told.text[-600:]}"

    def _false_proof(self) -> Iterator[str]:
        """Yield how a book that is called proven differs from the bank's truth, beside what the bank itself told."""
        workspace = Workspace(settings=config.load(self._variables), clock=self._clock)
        with workspace.book() as book:
            rows = list(book.rows(f"SELECT id, settled, amount {_COMPLETED}"))
            accounts = book.bodies(ACCOUNT).keys() & set(self.simulator.bank.account_ids())
        truth = {
            row["id"]: row
            for account in accounts
            for row in self.simulator.bank.truth(account)
            if row["status"] == "completed"
        }
        found = Counter(amount for _, _, amount in rows)
        wanted = Counter(map(_cents, truth.values()))
        if found != wanted:
            yield f"sync: proven, but rows are missing or twice: {found - wanted} {wanted - found}"
        told = dict.fromkeys(
            key for key, stamp in self.transport.told if key not in truth or stamp != truth[key]["settled_at"]
        )
        for key, settled, _ in rows:
            if key not in told and (key not in truth or _micros(truth[key]["settled_at"]) != settled):
                yield f"sync: proven, but {key} is not the bank's row"

    def _wrong_file(self) -> Iterator[str]:
        files = sorted((self.folder / "files").glob("*.csv"))
        rows = [row for file in files for row in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))]
        cents = [int(row["Amount"].replace(".", "")) for row in rows]
        workspace = Workspace(settings=config.load(self._variables), clock=self._clock)
        with workspace.book() as book:
            kept = [amount for (amount,) in book.rows(f"SELECT amount {_COMPLETED}")]
        if Counter(cents) != Counter(kept):
            yield f"export: {len(cents)} rows in files, {len(kept)} in the book"


def _cents(row: dict[str, Any]) -> int:
    return int(row["amount_cents"]) if row["side"] == "credit" else -int(row["amount_cents"])


def _micros(stamp: str) -> int:
    return microseconds(datetime.fromisoformat(stamp))


def broken_rules(folder: Path, case: tuple[Mutation, ...], seed: int = 1) -> list[str]:
    """Run one case in an empty folder, and return what breaks a rule."""
    return list(Case(folder, case, seed).failures())
