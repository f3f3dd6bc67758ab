"""Settings with mistakes: they concern their own organisation alone, and a mail reports them."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
from aiosmtpd.smtp import SMTP

from primanota import aws_lambda
from tests.support.books.weekly_world import body, read
from tests.support.screens.command_line import Terminal
from tests.support.servers.smtp_server import MailHandler, listening

_SETTINGS = """
[organisation.{login}]
api_url = "{url}"
to = ["mailto:ada@example.com"]
{broken}

[organisation.{login}.mail]
from = "books@example.com"
server = "127.0.0.1:{port}"

[organisation.other-1]
{other}
"""


@pytest.fixture
def office() -> MailHandler:
    """Return the handler of a mail server."""
    return MailHandler()


def _smtp(office: MailHandler) -> SMTP:
    return SMTP(office, hostname="post", loop=asyncio.get_running_loop())


@pytest.fixture
def port(office: MailHandler) -> Iterator[int]:
    """Return the port of a mail server."""
    with listening(partial(_smtp, office)) as port:
        yield port


def _write(desk: Terminal, port: int, *, broken: str = "", other: str = "") -> None:
    words = {"login": desk.simulator.login, "url": "http://127.0.0.1", "port": port}
    text = _SETTINGS.format(**words, broken=broken, other=other)
    (desk.home / "config.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    "other", ["profil = 5", "to = ", "[organisation.other-1.ledger]", "[[organisation.other-1.x"]
)
def test_others_run(desk: Terminal, office: MailHandler, port: int, other: str) -> None:
    """The mistake of one organisation does not stop the run of another one; a command of that one is refused."""
    _write(desk, port, other=other)
    assert desk.run("run", "lexware", "--period", "2026-11").code == 0
    assert len(office.mails) == 1
    refused = desk.run("sync", "--organisation", "other-1")
    assert (refused.code, "config.toml, line 1" in refused.err) == (3, True)


@pytest.mark.parametrize(
    "broken",
    ["profil = 5", "timezone = 1", "[organisation.{0}.ledger]", "book = 7", "profile = ", 'profile = "nope"'],
)
def test_a_mail_reports_settings_that_cannot_be_read(
    desk: Terminal, office: MailHandler, port: int, broken: str
) -> None:
    """A run whose settings have a mistake mails it to the people of the settings, and exits with its code."""
    _write(desk, port, broken=broken.format(desk.simulator.login))
    result = desk.run("run", "--period", "2026-11")
    assert result.code == (2 if "nope" in broken else 3)
    assert "A mail reports it." in result.err
    (sent,) = office.mails
    message = result.err.partition("Error: ")[2].splitlines()[0]
    assert " ".join(message.split()[:6]) in " ".join(body(read(sent.content)).split())


def test_a_mail_of_the_environment(
    desk: Terminal, office: MailHandler, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the file cannot be read at all, the mail settings of the environment are enough to report it."""
    (desk.home / "config.toml").write_bytes(b"default = \xff")
    monkeypatch.setenv("PRIMANOTA_TO", "mailto:ada@example.com")
    monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
    monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", f"127.0.0.1:{port}")
    assert desk.run("run", "--period", "2026-11").code == 3
    assert "is not written in UTF-8" in body(read(office.mails[0].content))
    answer = aws_lambda.handler({"run_key": "monday"}, None)
    assert (answer["state"], answer["failure"], len(office.mails)) == ("act", "InvalidConfiguration", 2)


def test_a_word_that_was_typed_wrong_is_not_mailed(desk: Terminal, office: MailHandler, port: int) -> None:
    """A wrong word on the command line is told where it was typed, and to nobody else."""
    _write(desk, port)
    assert desk.run("run", "lexwar", "--period", "2026-11").code == 2
    assert desk.run("run", "--period", "2026-13").code == 2
    assert office.mails == []
