"""Where ``primanota close`` brings a pack: buckets, and mails that leave once."""

from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from tests.cli.test_close import MONTH, packed
from tests.support.screens.command_line import Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import Cloud
from tests.support.servers.smtp_server import MailHandler, listening

cloud = s3_server.cloud
Make = Callable[..., Terminal]


@pytest.fixture
def filled(terminal: Make) -> Terminal:
    """Return a command line with a synced book."""
    made = terminal(size=120)
    made.sync()
    return made


def test_a_bucket(filled: Terminal, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack in a bucket has the bytes of one in a folder; a second time nothing is put."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    where = f"{cloud.location('adviser/')}"
    assert filled.run("close", MONTH, "--to", where).code == 0
    pack = packed(filled, tmp_path)
    assert cloud.content(f"adviser/{pack.name}") == pack.read_bytes()
    assert filled.run("close", MONTH, "--to", where).code == 0
    keys = cloud.keys()
    assert [key for key in keys if key.startswith("adviser/")] == [f"adviser/{pack.name}"]


def test_a_mail(filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack is mailed once with what is in it as the text, and as an attachment with the same bytes."""
    handler = MailHandler()
    with listening(lambda: SMTP(handler)) as port:
        monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", f"smtp://localhost:{port}")
        monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
        for _ in range(2):
            done = filled.run("close", MONTH, "--to", "mailto:adviser@example.com")
            assert done.code == 0, done.err
    (envelope,) = handler.mails
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert mail["Subject"] == f"Monatsabschluss {MONTH}, Morgenrot Fahrradbau GmbH"
    pack = packed(filled, tmp_path)
    (attached,) = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (pack.name, pack.read_bytes())


def test_a_pack_that_is_too_large_for_a_mail(
    filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack that mail servers would refuse is refused before anything is recorded."""
    monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", "smtp://localhost:1")
    monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
    monkeypatch.setattr("primanota.adapters.mail.MOST_BYTES", 1000)
    refused = filled.run("close", MONTH, "--to", "mailto:adviser@example.com")
    assert (refused.code, "a mail carries at most" in refused.err) == (8, True)
    assert filled.run("close", MONTH, "--to", f"{tmp_path}", "--json").data["is_new"]


def test_a_large_pack_in_a_folder_is_named_in_a_mail(
    filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack that is too large for a mail and also goes to a folder is not attached: the mail names the folder."""
    handler = MailHandler()
    monkeypatch.setattr("primanota.adapters.mail.MOST_BYTES", 1000)
    with listening(lambda: SMTP(handler)) as port:
        monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", f"smtp://localhost:{port}")
        monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
        done = filled.run("close", MONTH, "--to", f"{tmp_path}", "--to", "mailto:adviser@example.com", "--json")
    assert done.code == 0, done.err
    (envelope,) = handler.mails
    assert isinstance(envelope.content, bytes)
    mail = message_from_bytes(envelope.content, policy=default)
    assert not list(mail.iter_attachments())
    text = mail.get_body(("plain",))
    assert text
    assert f"{tmp_path / done.data['name']}" in text.get_content().replace("\n", "")
