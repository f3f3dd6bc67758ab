"""A run of several organisations that is killed at any moment is completed by the next one, and nothing is twice."""

import json
import random
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from primanota.simulator import RateLimits, SeveralSimulators, Simulator
from tests.support import environment
from tests.support.banks.simulator_server import finish, served
from tests.support.clock import Clock

_COMPANIES, _KILLS = 6, 5


def test_killed_five_times(tmp_path: Path) -> None:
    """After kills at random requests of any organisation, one more run leaves each row of each in one file, once."""
    chance, clock, limits = random.Random(4711), Clock(), RateLimits()  # noqa: S311 - which moments, not which secrets
    with ExitStack() as stack:
        companies = [
            stack.enter_context(Simulator(size=60 * seed, seed=seed, clock=clock, limits=limits))
            for seed in range(1, _COMPANIES + 1)
        ]
        url = stack.enter_context(served(SeveralSimulators(companies)))
        _write_settings(tmp_path, companies)
        died = 0
        for _ in range(3 * _KILLS):
            died += _kill_once(companies, url, tmp_path, chance)
            for company in companies:
                company.bank.arrive(2)
            clock.advance(minutes=5)
            if died == _KILLS:
                break
        assert died == _KILLS
        code, out, err = finish(_start(url, tmp_path))
        assert code == 0, out + err
        for company in companies:
            assert sorted(_exported(tmp_path, company)) == sorted(_completed(company))


def _write_settings(home: Path, companies: list[Simulator]) -> None:
    """Write the settings; each company has a folder for its files."""
    tables = []
    for one in companies:
        key = home / f"{one.login}.secret"
        key.write_text(one.secret, encoding="utf-8")
        key.chmod(0o600)
        tables.append(f'[organisation.{one.login}]\nsecret = "file"\nto = ["{home / "files" / one.login}"]\n')
    (home / "config.toml").write_text("\n".join(tables), encoding="utf-8")


def _start(url: str, home: Path) -> subprocess.Popen[str]:
    words = ("run", "jsonl", "--all", "--new", "--since", "2020-01-01")
    variables = environment.plain(PRIMANOTA_HOME=str(home), PRIMANOTA_API_URL=url)
    return environment.start([sys.executable, "-m", "primanota", *words], variables)


def _kill_once(companies: list[Simulator], url: str, home: Path, chance: random.Random) -> bool:
    """Start a run and kill it at a request to one of the companies, or at a moment; return whether it was killed."""
    process = _start(url, home)
    left, chosen = iter(range(chance.randrange(1, 12), -1, -1)), chance.choice(companies)
    chosen.before_request = lambda _simulator, _path: None if next(left, 0) else process.kill()
    try:
        process.communicate(timeout=chance.uniform(0.6, 2.5))
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
    chosen.before_request = None
    return process.returncode < 0


def _exported(home: Path, company: Simulator) -> list[str]:
    """Return the ids of the rows in a company's files, as often as they are there."""
    texts = [file.read_text(encoding="utf-8") for file in (home / "files" / company.login).glob("*.jsonl")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    return [line["id"] for line in lines if "id" in line]


def _completed(company: Simulator) -> list[str]:
    every = (row for account in company.bank.account_ids() for row in company.bank.truth(account))
    return [row["id"] for row in every if row["status"] == "completed"]
