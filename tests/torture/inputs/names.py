"""Hostile names of the bank: harmless in a terminal, a spreadsheet, a name of a file and a mail; files are right."""

import csv
import io
import json
import os
import random
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
import msgspec
import python_calamine

from primanota import profiles
from primanota.adapters import mail
from primanota.profiles.file_name import unsafe_name
from primanota.simulator import Simulator
from tests.support.clock import Clock
from tests.torture.campaign import Campaign
from tests.torture.inputs import hostile
from tests.torture.inputs.desk import Desk, untouched

_PROFILES = tuple(profiles.names())
# The fields of the bank's JSON that people write.
_FIELDS = {
    *(
        "name",
        "legal_name",
        "trade_name",
        "label",
        "note",
        "reference",
        "first_name",
        "last_name",
        "clean_counterparty_name",
    ),
    *("email", "counterparty_account_number", "cashflow_category", "bic", "address", "role", "attachment_ids"),
}
_LEDGER = 'bank = "1800"\nclearing = "1370"\nsiren = "732829320"\nconsultant = 1001\nclient = 1\n'
_FORMULA = re.compile('^[\\s"]*[=+\\-@\uff1d\uff0b\uff0d\uff20]')
_NUMBER = re.compile(r"[+-]?[\d., ]+( [A-Z]{3})?|\+\+\+\d{3}/\d{4}/\d{5}\+\+\+")


class _Renaming(httpx2.BaseTransport):
    """Passes requests on, and answers with other names."""

    def __init__(self, inner: httpx2.BaseTransport, names: list[str], share: float) -> None:
        self._inner = inner
        self._names = names
        self._share = share

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        data = json.loads(response.read())
        self._rename(data)
        headers = [
            pair for pair in response.headers.raw if pair[0].lower() not in {b"content-length", b"content-encoding"}
        ]
        return httpx2.Response(
            response.status_code, headers=headers, content=json.dumps(data).encode("utf-8", "surrogatepass")
        )

    def _rename(self, value: Any) -> None:  # noqa: ANN401 - any JSON value
        if isinstance(value, list):
            for part in value:
                self._rename(part)
        elif isinstance(value, dict):
            for key, part in value.items():
                if key in _FIELDS and isinstance(part, str):
                    chance = random.Random(f"{key}{part}{value.get('id')}{self._names[0]}")  # noqa: S311 - which name
                    if chance.random() < self._share:
                        value[key] = chance.choice(self._names)
                else:
                    self._rename(part)


class _NamedBank:
    """A bank whose ``transport`` renames."""

    def __init__(self, simulator: Simulator, names: list[str], share: float) -> None:
        self._simulator, self._names, self._share = simulator, names, share
        self.login, self.secret = simulator.login, simulator.secret

    def transport(self) -> httpx2.BaseTransport:
        """Return a connection to it."""
        return _Renaming(self._simulator.transport(), self._names, self._share)


def _run(folder: Path, number: int, chance: random.Random) -> list[str]:
    del number
    clock = Clock()
    names = [hostile.text(chance)[: chance.choice((60, 400, 40_000))] for _ in range(8)]
    sent: list[bytes] = []
    with Simulator(size=24, seed=1, clock=clock) as simulator:
        bank: Any = _NamedBank(simulator, names, chance.choice((0.2, 0.6, 1.0)))
        desk = Desk(folder, bank, clock)
        desk.variables |= {"PRIMANOTA_MAIL_FROM": "books@example.com", "PRIMANOTA_MAIL_SERVER": "127.0.0.1:1"}
        desk.home.mkdir(parents=True)
        (desk.home / "config.toml").write_text(
            f"[organisation.{simulator.login}.ledger]\n{_LEDGER}",
            encoding="utf-8",
        )
        with (
            untouched(folder, desk.place, desk.home) as outside,
            patch.object(mail, "send", lambda content, *_: sent.append(content)),
        ):
            desk.run("sync", *(["--json"] if chance.random() < 0.3 else []))
            broken = [*_exported(desk, chance)]
            desk.run(
                "run",
                "generic",
                "--new",
                "--since",
                "2026-01-01",
                "--allow-unproven",
                "--to",
                "mailto:a@b.example",
                "--to",
                str(desk.place / "week"),
            )
            width = chance.choice((60, 80, 20, 200))
            for words in (
                ("review",),
                ("batches",),
                ("sync",),
                ("rules", "test", "--period", "2026-10"),
                ("export", "generic", "--period", "2026-10", "--dry-run", "--allow-unproven", "-v"),
            ):
                desk.run(*words, terminal=width)
            desk.run("review", "--json")
            desk.run("batches", "--json")
            desk.run("profiles", "show", chance.choice(_PROFILES))
            again = desk.run("book", "export", str(desk.place / "backup"))
    for content in sent:
        parsed = message_from_bytes(content, policy=SMTP)
        if parsed["Bcc"] or parsed["Cc"] or len(parsed.get_all("To", [])) != 1:
            broken.append(f"headers of the mail: {parsed.keys()}")
    if again.code:
        broken.append(f"book export: {again.text[:300]}")
    return [f"{one} {names!r}"[:3_000] for one in (*outside, *desk.broken(), *broken)]


def _exported(desk: Desk, chance: random.Random) -> Iterator[str]:
    """Export in several formats, and yield what is wrong with the files."""
    for name in chance.sample(_PROFILES, 5):
        place = desk.place / name
        done = desk.run("export", name, "--period", "2026", "--allow-unproven", "--to", str(place), "--json")
        for file in (Path(root, one) for root, _, names in os.walk(place) for one in names):
            if file.parent != place or unsafe_name(file.name) or len(os.fsencode(file.name)) > 255:
                yield f"{name}: a file is called {str(file)!r}"
        if done.code:
            if done.code not in {3, 7}:
                yield f"{name}: exit {done.code}: {done.text[:300]}"
            continue
        profile = profiles.load(name)
        for one in msgspec.json.decode(done.out)["files"]:
            if one["batch"] and profile.format in {"csv", "xlsx"}:
                yield from _formulas(Path(one["path"]), profile, one["rows"])


def _formulas(path: Path, profile: profiles.Profile, rows: int) -> Iterator[str]:
    """Yield cells that a spreadsheet of any country would compute, and rows that are broken."""
    if profile.format == "xlsx":
        cells = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
        if not rows <= len(cells) <= rows + 1:
            yield f"{profile.name}: {len(cells)} lines for {rows} rows"
        return
    text = path.read_bytes().decode(profile.options.encoding)
    own = list(csv.reader(io.StringIO(text, newline=""), delimiter=profile.options.delimiter))
    if len(own) != rows + profile.options.header or any(len(line) != len(profile.headings) for line in own):
        yield f"{profile.name}: {len(own)} lines for {rows} rows, or of other widths"
    for delimiter in ",;\t":
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        for cell in (cell for line in lines for cell in line):
            if (
                cell != profile.options.empty
                and _FORMULA.match(cell)
                and not _NUMBER.fullmatch(cell.strip().strip('"'))
            ):
                yield f"{profile.name}: split at {delimiter!r} a formula: {cell[:120]!r}"
                return


CAMPAIGNS = (Campaign("inputs: names", 300, _run),)
