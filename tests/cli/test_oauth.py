"""``login --oauth`` and what follows, as processes, with the simulator and a browser over HTTP."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from tests.support import environment
from tests.support.banks.consented import Consenting, consenting
from tests.support.banks.killed_renewal import STEPS
from tests.support.books.weekly_world import body, read
from tests.support.clock import Clock
from tests.support.screens.plain_browser import redirect_of
from tests.support.servers.smtp_server import MailHandler, listening
from tests.torture.canary import leaks


@pytest.fixture
def firm(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Consenting]]:
    """Return a function that makes a bank that gives tokens, and a program with an empty home."""
    with ExitStack() as stack:

        def make(**how: Any) -> Consenting:  # noqa: ANN401 - the simulator's options
            return stack.enter_context(consenting(tmp_path / "home", clock, **how))

        yield make


def test_a_consent_in_the_browser(firm: Callable[..., Consenting]) -> None:
    """A consent in the browser stores tokens in a private file, a reference in the settings, and nothing else."""
    here = firm()
    done = here.log_in()
    told = json.loads(done.stdout)
    assert (told["organisation"], told["kept_in"]) == (here.simulator.login, "oauth:file")
    assert told["consent_until"].startswith("2027-02-21")
    status, _, page = here.page
    assert (status, "You can close this window" in page) == ("200", True)
    assert 'secret = "oauth:file"' in (here.home / "config.toml").read_text(encoding="utf-8")
    assert (here.home / f"{here.simulator.login}.oauth").stat().st_mode & 0o777 == 0o600
    assert here.run("sync").returncode == 0


def test_a_pasted_address(firm: Callable[..., Consenting]) -> None:
    """With --manual the address to which a browser elsewhere was sent is pasted; a wrong one is refused."""
    here = firm()
    for changed, code in ((True, 2), (False, 0)):
        process = environment.start(
            here.words("login", "--oauth", "--manual"), here.variables, stdin=environment.PIPE
        )
        assert process.stderr
        address = next(line for line in iter(process.stderr.readline, "") if "oauth2/auth" in line).strip()
        assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A53683%2Fcallback" in address
        sent = redirect_of(address)
        told = process.communicate(f"{sent.replace('state=', 'state=x') if changed else sent}\n", timeout=60)
        assert process.returncode == code, told
    assert here.run("sync").returncode == 0


def test_no_consent(firm: Callable[..., Consenting]) -> None:
    """A person who refuses ends the login with exit code 4 and an advice, and nothing is stored."""
    here = firm(switches=["consent-denied"])
    done = here.run("login", "--oauth")
    assert (done.returncode, "No consent was given (access_denied" in done.stderr) == (4, True)
    assert "Consent as an owner or admin" in done.stderr
    assert {one.name for one in here.home.iterdir()} == {"page.html"}


def test_a_wrong_app(firm: Callable[..., Consenting]) -> None:
    """A wrong secret of the app is an error that names the settings, and the secret is not in it."""
    here = firm()
    done = here.run("login", "--oauth", variables={"PRIMANOTA_OAUTH_CLIENT_SECRET": "wr0ng-s3cret-value"})
    assert (done.returncode, "client_secret" in done.stderr, "wr0ng" in done.stderr) == (4, True, False)


def test_two_processes_renew_once(firm: Callable[..., Consenting]) -> None:
    """Of processes that start at the same moment with an old token, one renews it, and all read the bank."""
    here = firm()
    here.log_in()
    assert here.run("sync").returncode == 0
    here.clock.advance(hours=2)
    before = here.count("/oauth2/token")
    processes = [environment.start(here.words("check"), here.variables) for _ in range(3)]
    ended = [(process.communicate(timeout=120), process.returncode)[1] for process in processes]
    assert (ended, here.count("/oauth2/token") - before) == ([0, 0, 0], 1)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_renewal(firm: Callable[..., Consenting], step: str) -> None:
    """After a kill at any step of a renewal the next run within a minute works; what is stored is whole."""
    here = firm(switches=["refresh-reuse-kills"])
    here.log_in()
    here.clock.advance(hours=2)
    killed = [sys.executable, "-m", "tests.support.banks.killed_renewal", step, here.clock().isoformat(), "sync"]
    assert environment.run(killed, here.variables).returncode == -SIGKILL
    assert here.tokens.refresh
    here.clock.advance(seconds=59)
    assert here.run("sync").returncode == 0
    here.clock.advance(days=7)
    assert here.run("sync").returncode == 0


def test_a_consent_that_was_lost(firm: Callable[..., Consenting]) -> None:
    """A run later than a minute after the worst kill ends with exit code 4 and the advice; a new consent mends it."""
    here = firm(switches=["refresh-reuse-kills"])
    here.log_in()
    here.clock.advance(hours=2)
    killed = [
        sys.executable,
        "-m",
        "tests.support.banks.killed_renewal",
        "answered",
        here.clock().isoformat(),
        "sync",
    ]
    assert environment.run(killed, here.variables).returncode == -SIGKILL
    here.clock.advance(minutes=2)
    done = here.run("sync")
    assert (done.returncode, "has ended, or was withdrawn" in done.stderr) == (4, True)
    assert "Run “primanota login --oauth” again." in done.stderr
    here.log_in()
    assert here.run("sync").returncode == 0


def test_the_end_is_told(firm: Callable[..., Consenting]) -> None:
    """Two weeks before the end ``status`` and a note of each run say so, in the language of the terminal."""
    here = firm(switches=["refresh-end-fixed", "refresh-end-told"])
    here.log_in()
    here.clock.advance(days=77)
    assert "The consent of morgenrot-fahrradbau-4711 ends on 2027-02-21" in here.run("sync").stderr
    german = here.run("status", variables={"LC_ALL": "", "LANG": "de_DE.UTF-8"})
    assert "Die Zustimmung von morgenrot-fahrradbau-4711 bei Qonto endet am 2027-02-21" in german.stdout
    assert json.loads(here.run("status", "--json").stdout)["consent_until"].startswith("2027-02-21")


def test_the_end_is_told_to_the_firm(firm: Callable[..., Consenting]) -> None:
    """The mail of a firm names the companies whose consent ends within two weeks, in its language."""
    here, office = firm(switches=["refresh-end-fixed", "refresh-end-told"]), MailHandler()
    here.log_in()
    here.clock.advance(days=77)
    with listening(lambda: SMTP(office, hostname="post", loop=asyncio.get_running_loop())) as port:
        with (here.home / "config.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                '[firm]\nto = ["office@example.com"]\nlanguage = "de"\n'
                f'[firm.mail]\nfrom = "books@example.com"\nserver = "smtp://127.0.0.1:{port}"\n'
            )
        done = here.run("run", "lexware", "--since", "2026-11-01", "--all", "--to", str(here.home / "files"))
    assert done.returncode == 0, done.stderr
    (mail,) = office.mails
    assert "bei Qonto endet am 21.02.2027" in body(read(mail.original_content))


def test_logout(firm: Callable[..., Consenting]) -> None:
    """``logout`` revokes the consent and deletes the tokens; the next run says what to do."""
    here = firm()
    here.log_in()
    old = here.tokens
    assert here.run("logout").returncode == 0
    assert here.simulator.oauth.scopes_of(old.access.reveal(), here.simulator.bank.now()) is None
    done = here.run("sync")
    assert (done.returncode, "Run “primanota login --oauth” again." in done.stderr) == (3, True)


def test_no_token_is_told(firm: Callable[..., Consenting]) -> None:
    """No token, also none that a renewal gave, is in an output or in a file but the one that holds them."""
    here = firm()
    told = [here.log_in()]
    told += [here.run("sync", "-v"), here.run("status", "--json"), here.run("get", "/v2/organization")]
    secrets = [here.tokens.access.reveal(), here.tokens.refresh.reveal()]
    here.clock.advance(hours=2)
    told.append(here.run("sync", "-v"))
    secrets += [here.tokens.access.reveal(), here.tokens.refresh.reveal()]
    here.simulator.choose_faults(["access-refused"])
    told.append(here.run("check", "-v"))
    assert told[-1].returncode == 4
    here.store.remove()
    printed = "".join(one.stdout + one.stderr for one in told)
    found = [*(leak for secret in secrets for leak in leaks(here.home, printed, secret))]
    assert (len({*secrets}), found) == (4, [])
