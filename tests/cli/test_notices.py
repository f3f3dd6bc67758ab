"""Notices of a run: in the terminal's language on stderr, and in the mail's language in its mail."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from primanota.adapters import mail
from tests.support.clock import NOON
from tests.support.screens.command_line import Terminal

_DAY = f"{NOON.date()}"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the texts of the mails that are sent."""
    texts: list[str] = []

    def send(content: bytes, *_: object) -> None:
        message = message_from_bytes(content, policy=SMTP)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        assert body
        texts.append(str(body.get_content()))

    monkeypatch.setattr(mail, "send", send)
    monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
    monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", "127.0.0.1:1")
    return texts


def test_a_note_in_two_languages(desk: Terminal, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A German company's mail has its notes in German, while an Italian terminal shows the same ones in Italian."""
    (key,) = desk.arrive()
    assert desk.run("export", "lexware", "--new", "--since", _DAY).code == 0
    monkeypatch.setenv("LC_ALL", "it_IT.UTF-8")
    result = desk.run("export", "lexware", "--period", _DAY, "--to", "mailto:ada@example.com")
    assert (result.code, len(sent)) == (0, 1)
    assert "Hauptkonto: 1 movimento di questo file è già nell\u2019esportazione n. 1." in result.err
    assert "- Hauptkonto: 1 Umsatz dieser Datei ist schon in Export Nr. 1. Zweimal importiert wäre er doppelt." in (
        sent[0].splitlines()
    )
    desk.simulator.bank.reverse(key)
    desk.sync()
    result = desk.run("export", "lexware", "--changed", "--to", "mailto:ada@example.com")
    day = f"{NOON:%d.%m.%Y}"
    (line,) = [line for line in sent[1].splitlines() if key in line]
    assert f", {day}, " in line
    assert line.endswith(f"\xa0€ (Export Nr. 2, {key}) ist storniert und kann nicht in eine Datei.")
    assert f", {_DAY}, " in result.err
    assert "è stornato e non può stare in un file." in result.err
    assert "(englisch)" not in "".join(sent)


def test_a_note_without_a_reference_that_is_one(desk: Terminal, sent: list[str]) -> None:
    """In the mail, too, NOTPROVIDED counts as empty."""
    (key,) = desk.arrive()
    desk.edit(key, reference="NOTPROVIDED", label="NOTPROVIDED")
    desk.simulator.bank.reverse(key)
    desk.sync()
    assert desk.run("export", "lexware", "--period", _DAY, "--to", "mailto:ada@example.com").code == 0
    assert "NOTPROVIDED" not in sent[0]
