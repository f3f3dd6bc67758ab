"""The command line with several destinations, and with a book in a bucket or on a shared folder."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from primanota.adapters.storage.shared_book import SharedFolderBookStore
from primanota.core.errors import BookConflict
from tests.support.books.weekly_world import body, read
from tests.support.screens.command_line import Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET, Cloud
from tests.support.servers.smtp_server import MailHandler, listening

cloud = s3_server.cloud
_BUCKET, _PEOPLE = f"s3://{BUCKET}/files/", "mailto:ada@example.com"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailHandler]:
    """Yield the handler of the mail server that the settings name."""
    found = MailHandler()
    with listening(partial(_smtp, found)) as port:
        monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", f"127.0.0.1:{port}")
        monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
        yield found


def _smtp(office: MailHandler) -> SMTP:
    return SMTP(office, hostname="post", loop=asyncio.get_running_loop())


@pytest.fixture
def here(
    terminal: Callable[..., Terminal], cloud: Cloud, office: MailHandler, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Return a terminal with a bank, a bucket and a mail server."""
    del office
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    return terminal(size=60)


def _run(*places: str) -> list[str]:
    return ["run", "--period", "2026", *(word for place in places for word in ("--to", place))]


def test_one_run_delivers_to_every_destination(
    here: Terminal, cloud: Cloud, office: MailHandler, tmp_path: Path
) -> None:
    """A folder, a bucket and mail addresses get the same bytes, and the batch has a delivery time for each."""
    done = here.run(*_run(str(tmp_path / "out"), _BUCKET, _PEOPLE), "--json")
    assert (done.code, done.data["unsent"], len(office.mails)) == (0, [], 1)
    (file, *_) = [one for one in done.data["files"] if one["path"]]
    destinations = [one["destination"] for one in file["deliveries"]]
    in_bucket = f"{_BUCKET}{Path(file['path']).stem}_batch-{file['batch']}.csv"
    assert destinations == [file["path"], in_bucket, _PEOPLE]
    assert all(one["delivered"] for one in file["deliveries"])
    assert cloud.content(in_bucket.removeprefix(f"s3://{BUCKET}/")) == Path(file["path"]).read_bytes()
    shown = here.run("batches", "show", str(file["batch"])).out
    assert f"At {in_bucket}: since 2026-11-23" in shown
    assert f"At {_PEOPLE}: since 2026-11-23" in shown


def test_written_and_waiting_files_are_distinguished(here: Terminal, cloud: Cloud) -> None:
    """Only a delivered file is called written; for a waiting one the output says not to export it again."""
    assert f"Written: {_BUCKET}" in here.run(*_run(_BUCKET)).out
    cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"))
    done = here.run("export", "lexware", "--period", "2026", "--to", _BUCKET)
    assert (done.code, f"Waits for: {_BUCKET}" in done.out, f"Written: {_BUCKET}" in done.out) == (
        8,
        True,
        False,
    )
    assert "the next run uploads it: do not export it again" in done.err


def test_a_file_is_written_again_only_here(here: Terminal) -> None:
    """``batches again`` refuses a destination that is not on this machine."""
    here.run(*_run(_BUCKET))
    for place in (_BUCKET, _PEOPLE):
        done = here.run("batches", "again", "1", "--to", place)
        assert (done.code, "is not a place on this machine" in done.err) == (2, True)


def test_the_command_in_a_mail_works(
    here: Terminal, office: MailHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mail without its file, which is too large, names a command that writes the file."""
    monkeypatch.setattr(sys.modules["primanota.adapters.mail.compose"], "MOST_BYTES", 10)
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", "en")
    here.run(*_run(_PEOPLE))
    found = re.search("“primanota (batches again [^”]*)”", body(read(office.mails[0].content)))
    assert found
    words = found[1].replace("NUMBER", "1").replace("FOLDER", str(tmp_path)).split()
    assert here.run(*words).code == 0
    assert list(tmp_path.glob("*.csv"))


def test_a_waiting_mail_is_reported(here: Terminal, office: MailHandler, tmp_path: Path) -> None:
    """A refused mail waits: the file is written, ``batches`` lists the delivery, and the next run sends the mail."""
    office.refused = {"ada@example.com": "550 nobody here"}
    words = _run(str(tmp_path / "out"), _PEOPLE)
    done = here.run(*words)
    assert (done.code, office.mails) == (8, [])
    assert f"Waits for: {_PEOPLE} (" in done.out
    assert "The mail waits for the next run" in done.err
    assert "delivered, waits" in here.run("batches").out
    assert "not yet." in here.run("batches", "show", "1").out
    office.refused = {}
    here.clock.advance(hours=1)
    assert here.run(*words).code == 0
    assert len(office.mails) == 2
    assert "waits" not in here.run("batches").out


def test_an_uploaded_batch_is_written_again_to_a_given_folder(here: Terminal, cloud: Cloud, tmp_path: Path) -> None:
    """The file of a batch that was uploaded only is written again if a folder is given."""
    assert here.run(*_run(_BUCKET)).code == 0
    refused = here.run("batches", "again", "1")
    assert (refused.code, "Name a folder with --to" in refused.err) == (2, True)
    assert here.run("batches", "again", "1", "--to", str(tmp_path)).code == 0
    (file,) = tmp_path.glob("*.csv")
    assert file.read_bytes() in [cloud.content(key) for key in cloud.keys()]  # noqa: SIM118 - no dictionary


@pytest.mark.parametrize("place", [f"s3://{BUCKET}/books/a.book", "shared:{}/a.book"])
def test_commands_work_with_a_remote_book(here: Terminal, tmp_path: Path, place: str) -> None:
    """Commands work alike with a book on this machine, in a bucket, and on a shared folder."""
    book = ("--book", place.format(tmp_path))
    first = here.run("sync", *book)
    assert (first.code, "A new book is begun" in first.err) == (0, True)
    assert here.run("export", "lexware", "--period", "2026", "--to", str(tmp_path / "out"), *book).code == 0
    assert here.run("batches", *book, "--json").data["batches"][0]["state"] == "delivered"
    assert here.run("batches", "undo", "1", "--yes", *book).code == 0
    assert here.run("batches", *book, "--json").data["batches"][0]["state"] == "undone"
    assert here.run("check", *book).code == 0
    assert not here.book.exists()


def test_reading_commands_do_not_create_a_book(here: Terminal) -> None:
    """Commands that only read do not create a book; a missing one is an error."""
    done = here.run("review", "--book", f"s3://{BUCKET}/books/none.book")
    assert (done.code, "There is no book at" in done.err) == (3, True)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PRIMANOTA_MAIL_FROM", "books", "is not a mail address"),
        ("PRIMANOTA_MAIL_SERVER", "http://mail", "is not of a known kind"),
        ("PRIMANOTA_LANGUAGE", "nl", "There are no mails in “nl”"),
    ],
)
def test_an_invalid_mail_setting_is_refused_first(
    here: Terminal, office: MailHandler, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    """An invalid mail setting is refused before the bank is read or a file is written."""
    monkeypatch.setenv(variable, value)
    answer = here.run(*_run(_PEOPLE))
    assert (answer.code, sentence in answer.err, office.mails) == (3, True, [])
    assert not here.book.exists()


def test_a_failed_upload_as_json(here: Terminal, cloud: Cloud) -> None:
    """The JSON of a run that could not upload has the accounts that were read, and the error."""
    cloud.fault = s3_server.every(s3_server.refusing("403 Forbidden", "AccessDenied"))
    done = here.run(*_run(_BUCKET), "--json")
    assert (done.code, done.data["exit_code"], len(done.data["accounts"])) == (8, 8, 4)
    assert "s3:PutObject" in done.data["error"] + done.data["hint"]


def test_an_unreachable_bank_as_json(terminal: Callable[..., Terminal]) -> None:
    """The JSON of a run that could not read the bank has the error only."""
    done = terminal(size=10, faults=["down"]).run("run", "--period", "2026", "--json")
    assert (done.code, sorted(done.data)) == (5, ["error", "exit_code", "hint"])


@pytest.fixture
def fetches(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Every fetch of a book from a shared folder, in order."""
    found, fetch = list[Path](), SharedFolderBookStore.fetch

    def counted(store: SharedFolderBookStore, to: Path) -> str:
        found.append(to)
        return fetch(store, to)

    monkeypatch.setattr(SharedFolderBookStore, "fetch", counted)
    return found


@pytest.mark.parametrize("machine", [(), ("--json",)])
def test_a_run_fetches_a_remote_book_once(
    here: Terminal, office: MailHandler, fetches: list[Path], tmp_path: Path, machine: tuple[str, ...]
) -> None:
    """A run reads the bank, reviews, exports, mails and prints with one copy of a book that lies elsewhere."""
    book = ("--book", f"shared:{tmp_path}/a.book")
    assert here.run("sync", *book).code == 0
    fetches.clear()
    assert here.run(*_run(str(tmp_path / "out"), _PEOPLE), *book, *machine).code == 0
    assert (len(fetches), len(office.mails)) == (1, 1)


def test_a_book_that_changes_each_time_is_tried_eight_times(
    here: Terminal, office: MailHandler, fetches: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another run changes the book each time, there are eight attempts, one mail and one error; no file."""

    def overtaken(store: SharedFolderBookStore, *_: object) -> str:
        raise BookConflict(f"Another run changed the book {store}.", "Run the same command again.")

    book = ("--book", f"shared:{tmp_path}/a.book")
    assert here.run("sync", *book).code == 0
    fetches.clear()
    monkeypatch.setattr(SharedFolderBookStore, "upload", overtaken)
    result = here.run(*_run(str(tmp_path / "out"), _PEOPLE), *book)
    assert (result.code, len(fetches), len(office.mails)) == (3, 8, 1)
    assert result.err.count("Error: ") == 1
    assert not list((tmp_path / "out").glob("*"))
