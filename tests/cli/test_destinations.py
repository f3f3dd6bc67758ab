"""At a shell: files to several places at once, and a book that lies elsewhere."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from primanota.adapters.storage.remote_book import SharedFolderBookStore
from primanota.core.errors import BookConflict
from tests.support import s3_server
from tests.support.command_line import Terminal
from tests.support.s3_server import BUCKET, Cloud
from tests.support.smtp_server import MailHandler, listening
from tests.support.weekly_world import body, read

cloud = s3_server.cloud
_BUCKET, _PEOPLE = f"s3://{BUCKET}/files/", "mailto:ada@example.com"


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailHandler]:
    """Who takes the mails that the settings' server is given."""
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
    """Somebody with a bank, a bucket and a mail server."""
    del office
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    return terminal(size=60)


def _run(*places: str) -> list[str]:
    return ["run", "--period", "2026", *(word for place in places for word in ("--to", place))]


def test_one_run_brings_its_files_everywhere(
    here: Terminal, cloud: Cloud, office: MailHandler, tmp_path: Path
) -> None:
    """A folder, a bucket and people get the same bytes, and the batch says since when each has them."""
    said = here.type(*_run(str(tmp_path / "out"), _BUCKET, _PEOPLE), "--json")
    assert (said.code, said.data["unsent"], len(office.mails)) == (0, [], 1)
    (file, *_) = [one for one in said.data["files"] if one["path"]]
    destinations = [one["destination"] for one in file["deliveries"]]
    in_bucket = f"{_BUCKET}{Path(file['path']).stem}_batch-{file['batch']}.csv"
    assert destinations == [file["path"], in_bucket, _PEOPLE]
    assert all(one["delivered"] for one in file["deliveries"])
    assert cloud.content(in_bucket.removeprefix(f"s3://{BUCKET}/")) == Path(file["path"]).read_bytes()
    shown = here.type("batches", "show", str(file["batch"])).out
    assert f"At {in_bucket}: since 2026-11-23" in shown
    assert f"At {_PEOPLE}: since 2026-11-23" in shown


def test_what_was_written_and_what_waits_are_told_apart(here: Terminal, cloud: Cloud) -> None:
    """Only what has arrived is called written; of the rest it is said that nobody should export it again."""
    assert f"Written: {_BUCKET}" in here.type(*_run(_BUCKET)).out
    cloud.fault = s3_server.every(s3_server.refusing("403 Forbidden", "AccessDenied"))
    said = here.type("export", "lexware", "--period", "2026", "--to", _BUCKET)
    assert (said.code, f"Waits for: {_BUCKET}" in said.out, f"Written: {_BUCKET}" in said.out) == (8, True, False)
    assert "the next run uploads it: do not export it again" in said.err


def test_a_file_is_written_again_only_here(here: Terminal) -> None:
    """``batches again`` writes to this machine, and says so of an address that is none of it."""
    here.type(*_run(_BUCKET))
    for place in (_BUCKET, _PEOPLE):
        said = here.type("batches", "again", "1", "--to", place)
        assert (said.code, "is not a place on this machine" in said.err) == (2, True)


def test_the_mails_advice_works(
    here: Terminal, office: MailHandler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a file is too big for its mail and lies nowhere else, the command that the mail names writes it."""
    monkeypatch.setattr(sys.modules["primanota.adapters.mail.compose"], "MOST_BYTES", 10)
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", "en")
    here.type(*_run(_PEOPLE))
    found = re.search("“primanota (batches again [^”]*)”", body(read(office.mails[0].content)))
    assert found
    words = found[1].replace("NUMBER", "1").replace("FOLDER", str(tmp_path)).split()
    assert here.type(*words).code == 0
    assert list(tmp_path.glob("*.csv"))


def test_a_mail_that_waits_is_said(here: Terminal, office: MailHandler, tmp_path: Path) -> None:
    """Where nobody takes the mail, the file is there, the list says that it waits, and the next run sends it."""
    office.refused = {"ada@example.com": "550 nobody here"}
    words = _run(str(tmp_path / "out"), _PEOPLE)
    said = here.type(*words)
    assert (said.code, office.mails) == (8, [])
    assert f"Waits for: {_PEOPLE} (" in said.out
    assert "The mail waits for the next run" in said.err
    assert "delivered, waits" in here.type("batches").out
    assert "not yet." in here.type("batches", "show", "1").out
    office.refused = {}
    here.clock.advance(hours=1)
    assert here.type(*words).code == 0
    assert len(office.mails) == 2
    assert "waits" not in here.type("batches").out


def test_a_batch_without_a_place_here_is_written_again_by_name(here: Terminal, cloud: Cloud, tmp_path: Path) -> None:
    """What left for a bucket alone can still be had as a file, where one is named."""
    assert here.type(*_run(_BUCKET)).code == 0
    refused = here.type("batches", "again", "1")
    assert (refused.code, "Name a folder with --to" in refused.err) == (2, True)
    assert here.type("batches", "again", "1", "--to", str(tmp_path)).code == 0
    (file,) = tmp_path.glob("*.csv")
    assert file.read_bytes() in [cloud.content(key) for key in cloud.keys()]  # noqa: SIM118 - a method of its own


@pytest.mark.parametrize("place", [f"s3://{BUCKET}/books/a.book", "shared:{}/a.book"])
def test_a_book_elsewhere_is_a_book(here: Terminal, tmp_path: Path, place: str) -> None:
    """Whatever a command does with a book on this machine it does with one in a bucket or on a shared folder."""
    book = ("--book", place.format(tmp_path))
    first = here.type("sync", *book)
    assert (first.code, "A new book is begun" in first.err) == (0, True)
    assert here.type("export", "lexware", "--period", "2026", "--to", str(tmp_path / "out"), *book).code == 0
    assert here.type("batches", *book, "--json").data["batches"][0]["state"] == "delivered"
    assert here.type("batches", "undo", "1", *book).code == 0
    assert here.type("batches", *book, "--json").data["batches"][0]["state"] == "undone"
    assert here.type("check", *book).code == 0
    assert not here.book.exists()


def test_a_book_that_is_not_there_is_not_begun_by_a_look(here: Terminal) -> None:
    """Only what fills a book begins one; whoever looks at one that is not there is told."""
    said = here.type("review", "--book", f"s3://{BUCKET}/books/none.book")
    assert (said.code, "There is no book at" in said.err) == (3, True)


@pytest.mark.parametrize(
    ("variable", "said", "sentence"),
    [
        ("PRIMANOTA_MAIL_FROM", "books", "is not a mail address"),
        ("PRIMANOTA_MAIL_SERVER", "http://mail", "is not of a known kind"),
        ("PRIMANOTA_LANGUAGE", "nl", "There are no mails in “nl”"),
    ],
)
def test_a_mail_that_could_not_be_written_is_refused_first(
    here: Terminal, office: MailHandler, monkeypatch: pytest.MonkeyPatch, variable: str, said: str, sentence: str
) -> None:
    """Mistakes in what a mail needs are named before anything is read or written."""
    monkeypatch.setenv(variable, said)
    answer = here.type(*_run(_PEOPLE))
    assert (answer.code, sentence in answer.err, office.mails) == (3, True, [])
    assert not here.book.exists()


def test_machines_hear_of_a_failure_in_one_document(here: Terminal, cloud: Cloud) -> None:
    """What was read and written stands in the summary of a run that could not bring it away, with the error."""
    cloud.fault = s3_server.every(s3_server.refusing("403 Forbidden", "AccessDenied"))
    said = here.type(*_run(_BUCKET), "--json")
    assert (said.code, said.data["exit_code"], len(said.data["accounts"])) == (8, 8, 4)
    assert "s3:PutObject" in said.data["error"] + said.data["hint"]


def test_machines_hear_of_a_bank_that_fails(terminal: Callable[..., Terminal]) -> None:
    """A run that could read nothing says its error alone."""
    said = terminal(size=10, faults=["down"]).type("run", "--period", "2026", "--json")
    assert (said.code, sorted(said.data)) == (5, ["error", "exit_code", "hint"])


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
    assert here.type("sync", *book).code == 0
    fetches.clear()
    assert here.type(*_run(str(tmp_path / "out"), _PEOPLE), *book, *machine).code == 0
    assert (len(fetches), len(office.mails)) == (1, 1)


def test_a_book_that_changes_each_time_is_tried_eight_times(
    here: Terminal, office: MailHandler, fetches: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another run changes the book each time, there are eight attempts, one mail and one error; no file."""

    def overtaken(store: SharedFolderBookStore, *_: object) -> str:
        raise BookConflict(f"Another run changed the book {store}.", "Run the same command again.")

    book = ("--book", f"shared:{tmp_path}/a.book")
    assert here.type("sync", *book).code == 0
    fetches.clear()
    monkeypatch.setattr(SharedFolderBookStore, "upload", overtaken)
    result = here.type(*_run(str(tmp_path / "out"), _PEOPLE), *book)
    assert (result.code, len(fetches), len(office.mails)) == (3, 8, 1)
    assert result.err.count("Error: ") == 1
    assert not list((tmp_path / "out").glob("*"))
