"""``primanota receipts`` and ``statements``, against a bank on real sockets whose files are at another host."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from primanota.core.language.catalogue import LANGUAGES
from primanota.simulator import Simulator
from primanota.simulator.faults.catalogue import FILE_FAULTS, TRANSIENT
from tests.support.screens.command_line import Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import Cloud

cloud = s3_server.cloud
Make = Callable[..., Terminal]
_SIZE = 60


def attachments(simulator: Simulator) -> dict[str, dict[str, object]]:
    """Return the bank's attachments of every row, by their ids."""
    found = {}
    bank = simulator.bank
    for account in bank.account_ids():
        for row in bank.truth(account):
            stored = bank.find(row["id"])
            assert stored is not None
            for one in bank.serializer.attachments.all_json(stored, bank.now()):
                found[one["id"]] = one
    return found


def files_of(terminal: Terminal) -> list[Path]:
    """Return the files in the store beside the book."""
    return sorted(path for path in terminal.book.with_suffix(".receipts").rglob("*") if path.is_file())


def wanted_files(simulator: Simulator) -> int:
    """Return how many different files the bank has of its receipts, sealed copies included."""
    found = attachments(simulator).values()
    return len(found) + sum(one["probative_attachment"]["status"] == "available" for one in found)  # type: ignore[index]


@pytest.fixture
def filled(terminal: Make) -> Terminal:
    """Return a command line with a synced book."""
    made = terminal(size=_SIZE)
    made.sync()
    return made


def test_every_receipt_is_kept_once(filled: Terminal) -> None:
    """Every receipt and sealed copy of every row is kept under its hash; a second time nothing is asked for."""
    first = filled.run("receipts", "--json")
    assert (first.code, first.data["left"], first.data["problems"]) == (0, 0, {})
    assert first.data["receipts"] == len(attachments(filled.simulator)) > 10
    assert first.data["receipts"] + first.data["sealed"] == wanted_files(filled.simulator)
    kept = files_of(filled)
    assert {path.stem for path in kept} == {hashlib.sha256(path.read_bytes()).hexdigest() for path in kept}
    asked = filled.simulator.storage.requests.count
    again = filled.run("receipts")
    assert again.out == "Nothing is new: every receipt that the bank lists is here.\n"
    assert (filled.simulator.storage.requests.count, files_of(filled)) == (asked, kept)
    assert filled.run("check").code == 0


def test_a_late_receipt_is_found(filled: Terminal) -> None:
    """A receipt that comes weeks later is fetched by the next run, and only that row is asked for."""
    filled.run("receipts")
    (row,) = filled.arrive(1)
    filled.run("receipts")
    filled.clock.advance(days=21)
    filled.simulator.bank.attach(row)
    filled.clock.advance(minutes=20)
    filled.sync()
    filled.simulator.requests.clear()
    found = filled.run("receipts", "--json").data
    asked = {path for path, _ in filled.simulator.requests if path.endswith("/attachments")}
    assert f"/v2/transactions/{row}/attachments" in asked
    assert found["receipts"] >= 1
    assert found["left"] == 0


def test_a_sealed_copy_comes_later(filled: Terminal) -> None:
    """Of a new receipt the original is kept at once, and the sealed copy once the bank has made it."""
    filled.run("receipts")
    (row,) = filled.arrive(1)
    filled.simulator.bank.attach(row)
    filled.sync()
    first = filled.run("receipts", "--json").data
    assert (first["receipts"], first["waiting"], first["left"]) == (1, 1, 1)
    filled.clock.advance(days=2)
    second = filled.run("receipts", "--json").data
    assert (second["receipts"], second["waiting"], second["left"]) == (0, 0, 0)


def test_a_receipt_that_was_taken_off_stays(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt that was taken off its row at the bank stays, and the sync says so."""
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    here = terminal(size=_SIZE)
    here.sync()
    kept = files_of(here)
    row = next(
        row for row in here.simulator.bank.truth(here.simulator.bank.account_ids()[0]) if row["attachment_ids"]
    )
    here.clock.advance(minutes=1)
    here.simulator.bank.detach(row["id"])
    here.clock.advance(minutes=1)
    assert "1 receipt was taken off its row at the bank; it stays here." in here.run("sync").err
    assert set(kept) <= set(files_of(here))
    assert here.run("check").code == 0


@pytest.mark.parametrize("fault", sorted(FILE_FAULTS & TRANSIENT - {"file-stalls-once"}))
def test_a_passing_fault_of_the_storage_host(terminal: Make, fault: str) -> None:
    """After a fault that passes, every receipt is there once, with the right hash, without a second command."""
    here = terminal(size=_SIZE, faults=[fault])
    here.sync()
    found = here.run("receipts", "--json")
    assert (found.code, found.data["left"], found.data["problems"]) == (0, 0, {})
    assert found.data["receipts"] == len(attachments(here.simulator))
    assert here.run("check").code == 0


@pytest.mark.parametrize("fault", sorted(FILE_FAULTS - TRANSIENT))
def test_a_lasting_fault_of_the_storage_host(terminal: Make, fault: str) -> None:
    """During a lasting fault nothing wrong is kept and the sync is proven; after it every receipt is there."""
    here = terminal(size=_SIZE, faults=[fault])
    here.sync()
    failed = here.run("receipts", "--json")
    assert failed.code in {0, 5}
    assert sum(failed.data["problems"].values()) > 10
    assert (failed.data["receipts"], files_of(here)) == (0, [])
    here.simulator.choose_faults([])
    assert here.run("receipts", "--json").data["left"] == 0
    assert here.run("check").code == 0


def test_a_fault_does_not_fail_the_run(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose receipts cannot be fetched is proven, exports its rows, and says what is missing."""
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    here = terminal(size=_SIZE, faults=["file-host-down"])
    done = here.run("run", "--period", "2026-10")
    assert done.code == 0
    assert "refused by the bank's storage host. The next run tries again." in done.err
    assert list(here.exports.iterdir())
    here.simulator.choose_faults([])
    assert "refused" not in here.run("sync").err
    assert len(files_of(here)) > 10


def test_the_key_never_goes_to_the_storage_host(filled: Terminal) -> None:
    """No request to the host of the files has the key or any other header of the API, in any letter case."""
    seen: list[dict[str, str]] = []
    storage = filled.simulator.hosts._storage

    async def watching(scope, receive, send):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - ASGI
        seen.append({name.decode().lower(): value.decode() for name, value in scope["headers"]})
        await storage(scope, receive, send)

    filled.simulator.hosts._storage = watching
    assert filled.run("receipts").code == 0
    assert filled.run("statements").code == 0
    assert len(seen) > 20
    assert {name for headers in seen for name in headers} == {"host", "accept", "accept-encoding", "user-agent"}
    secret = filled.simulator.secret
    assert not any(secret in value for headers in seen for value in headers.values())
    assert not any(secret in unquote(f"{pair}") for pair in filled.simulator.storage.requests)


def test_receipts_of_a_period(filled: Terminal) -> None:
    """With days only the receipts of their rows are fetched; the others are still to be fetched."""
    found = filled.run("receipts", "--period", "2026-10", "--json").data
    assert 0 < found["receipts"] < len(attachments(filled.simulator))
    assert found["left"] > 0
    assert filled.run("receipts", "--json").data["left"] == 0


def test_without_the_setting_nothing_is_fetched(filled: Terminal) -> None:
    """Without the setting a sync asks for no receipt, and makes no folder for them."""
    assert filled.simulator.storage.requests.count == 0
    assert not [path for path, _ in filled.simulator.requests if "attachments" in path or "statements" in path]
    assert not filled.book.with_suffix(".receipts").exists()


def test_a_folder_of_receipts(filled: Terminal, tmp_path: Path) -> None:
    """Receipts are written under names of day, counterparty and amount; again changes nothing, and asks no bank."""
    filled.run("receipts")
    folder = tmp_path / "out"
    asked = filled.simulator.requests.count
    first = filled.run("receipts", "--to", str(folder), "--json").data["files"]
    assert len(first) == wanted_files(filled.simulator) == len(list(folder.iterdir()))
    assert all(one["new"] for one in first)
    for one in first:
        assert hashlib.sha256(Path(one["path"]).read_bytes()).hexdigest() == one["sha256"]
        assert Path(one["path"]).name[:10].count("-") == 2
    again = filled.run("receipts", "--to", str(folder), "--json").data["files"]
    assert again == [{**one, "new": False} for one in first]
    assert filled.simulator.requests.count == asked


def test_no_file_of_the_folder_is_overwritten(filled: Terminal, tmp_path: Path) -> None:
    """A file that has the name of a receipt already stays, and the receipt gets a longer name."""
    filled.run("receipts")
    first = filled.run("receipts", "--to", str(tmp_path / "one"), "--json").data["files"][0]
    other = tmp_path / "two" / Path(first["path"]).name
    other.parent.mkdir()
    other.write_text("something else")
    found = filled.run("receipts", "--to", str(other.parent), "--json").data["files"][0]
    assert other.read_text() == "something else"
    assert Path(found["path"]).stem == f"{other.stem}_{first['sha256'][:8]}"


def test_check_finds_a_damaged_receipt(filled: Terminal) -> None:
    """A receipt that was changed or removed is found by check, and fetched again with --repair."""
    filled.run("receipts")
    changed, removed = files_of(filled)[:2]
    changed.write_bytes(changed.read_bytes()[:-1] + b"?")
    removed.unlink()
    found = filled.run("check")
    assert found.code == 6
    assert f"{changed.parent.name}/{changed.name} in " in found.out
    assert f"{removed.parent.name}/{removed.name} is missing from " in found.out
    assert {one["state"] for one in filled.run("check", "--json").data["damaged"]} == {"changed", "missing"}
    assert filled.run("receipts", "--repair").code == 0
    assert filled.run("check").code == 0


def test_missing_receipts(filled: Terminal) -> None:
    """Each row without a required receipt is listed under its member, as in the review, with a text to send."""
    found = filled.run("receipts", "missing", "--json").data["members"]
    reviewed = filled.run("review", "--json").data["findings"]
    rows = {row["id"] for member in found for row in member["rows"]}
    assert rows == {one["id"] for one in reviewed if one["kind"] == "receipt"}
    assert len(found) > 1
    member = max(found, key=lambda one: len(one["rows"]))
    assert member["text"].startswith(f"Guten Tag {member['member']}," if member["member"] else "Guten Tag,")
    assert member["text"].count("\n- ") == len(member["rows"])
    assert "Morgenrot Fahrradbau GmbH" in filled.run("receipts", "missing", "--text").out
    table = filled.run("receipts", "missing").out
    assert f"{len(rows)} receipts are missing." in table
    put_away = member["rows"][0]["id"]
    filled.run("review", "accept", put_away, "--kind", "receipt")
    left = filled.run("receipts", "missing", "--json").data["members"]
    assert rows - {row["id"] for one in left for row in one["rows"]} == {put_away}


@pytest.mark.parametrize("language", LANGUAGES)
def test_five_languages(filled: Terminal, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    """The text to a member and the summaries are in each of the five languages."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    greeting = {"de": "Guten Tag", "en": "Dear", "es": "Hola", "fr": "Bonjour", "it": "Buongiorno"}[language]
    assert greeting in filled.run("receipts", "missing", "--text").out
    new = {"de": "Neu: ", "en": "New: ", "es": "Nuevo: ", "fr": "Nouveau\u00a0: ", "it": "Nuovo: "}[language]
    assert filled.run("receipts").out.startswith(new)


def test_statements_are_a_second_witness(filled: Terminal) -> None:
    """The bank's statements are kept, and their balances agree with the book's."""
    found = filled.run("statements", "--json").data["statements"]
    assert {one["comparison"] for one in found} == {"agrees"}
    assert len(found) == len(files_of(filled)) > 20
    assert found[-1]["stated_closing_cents"] == found[-1]["closing_cents"]
    filled.simulator.storage.requests.clear()
    filled.run("statements")
    assert list(filled.simulator.storage.requests) == []
    assert filled.run("check").code == 0


def test_a_statement_that_differs(terminal: Make) -> None:
    """A balance of a statement that is not that of the book is said, and the check fails."""
    here = terminal(size=_SIZE, switches=["statement-balance-wrong"])
    here.sync()
    done = here.run("statements")
    assert "DIFFERS" in done.out
    assert "states a closing balance of" in done.err
    assert "states a closing balance of" in here.run("review").err
    found = here.run("check")
    assert found.code == 6
    assert "Statement: Hauptkonto: the bank's statement for 2026-10 states a closing balance of" in found.out


@pytest.mark.parametrize(
    ("switch", "comparison"),
    [("statement-without-text", "unread"), ("statement-german", "agrees"), ("statement-period-date", "agrees")],
)
def test_statements_that_are_written_otherwise(terminal: Make, switch: str, comparison: str) -> None:
    """A statement without text is said to be unread, and never guessed; a German one is read, or one with a date."""
    here = terminal(size=_SIZE, switches=[switch])
    here.sync()
    found = here.run("statements", "--json").data["statements"]
    assert {one["comparison"] for one in found} == {comparison}
    assert here.run("check").code == 0


@pytest.fixture
def remote(cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Return a function that returns the place of a remote book, with the settings of its host."""
    settings = tmp_path / "config.toml"
    monkeypatch.setenv("PRIMANOTA_CONFIG", str(settings))

    def place(kind: str, login: str = "morgenrot-fahrradbau-4711") -> str:
        settings.write_text(
            f'[organisation.{login}]\nreceipts = true\n[organisation.{login}.s3]\nendpoint = "{cloud.url}"\n'
        )
        return "s3://acme-files/books/acme.book" if kind == "bucket" else f"shared:{tmp_path / 'acme.book'}"

    return place


@pytest.mark.parametrize("kind", ["bucket", "shared"])
def test_receipts_beside_a_remote_book(
    terminal: Make, remote: Callable[[str], str], cloud: Cloud, tmp_path: Path, kind: str
) -> None:
    """The receipts of a book in a bucket or on a shared folder are beside it, and are checked there."""
    here = terminal(size=_SIZE)
    place = remote(kind)
    assert here.run("sync", "--book", place).code == 0
    objects = [key for key in cloud.keys() if "receipts" in key]  # noqa: SIM118 - not a dict
    paths = list((tmp_path / "acme.receipts").rglob("*.*"))
    assert len(objects if kind == "bucket" else paths) > wanted_files(here.simulator)  # with the statements
    assert here.run("check", "--book", place).code == 0
    if kind == "bucket":
        cloud.client().delete_object(Bucket=s3_server.BUCKET, Key=objects[0])
    else:
        paths[0].unlink()
    assert here.run("check", "--book", place).code == 6
    assert here.run("receipts", "--repair", "--book", place).code == 0
    assert here.run("check", "--book", place).code == 0


def test_a_backup_has_the_receipts(filled: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exported book has its receipts, and the imported one is whole with them; a changed one is refused."""
    filled.run("receipts")
    filled.run("statements")
    folder = tmp_path / "backup"
    assert filled.run("book", "export", str(folder)).code == 0
    kept = {path.relative_to(filled.book.with_suffix(".receipts")) for path in files_of(filled)}
    assert {path.relative_to(folder / "receipts") for path in (folder / "receipts").rglob("*.*")} == kept
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path / "other"))
    one = folder / "receipts" / min(kept)
    whole = one.read_bytes()
    one.write_bytes(whole + b"?")
    refused = filled.run("book", "import", str(folder))
    assert (refused.code, f"{one.name} was changed" in refused.err) == (3, True)
    one.write_bytes(whole)
    assert filled.run("book", "import", str(folder)).code == 0
    found = filled.run("check", "--json").data
    assert (found["files"], found["damaged"]) == (len(kept), [])


def test_a_damaged_receipt_is_not_backed_up(filled: Terminal, tmp_path: Path) -> None:
    """A book whose receipts are damaged is not exported, and no folder is left."""
    filled.run("receipts")
    files_of(filled)[0].write_bytes(b"%PDF-")
    refused = filled.run("book", "export", str(tmp_path / "backup"))
    assert (refused.code, "was changed" in refused.err) == (3, True)
    assert not (tmp_path / "backup").exists()


def test_a_bank_that_fails_in_the_middle(filled: Terminal) -> None:
    """What was fetched before the bank failed is kept and reported, and the next command fetches the rest."""
    asked = iter(range(12, -1, -1))
    filled.simulator.before_request = lambda bank, _: None if next(asked, 0) else bank.choose_faults(["down"])
    failed = filled.run("receipts", "--json")
    filled.simulator.before_request = None
    filled.simulator.choose_faults([])
    first, found = failed.data, filled.run("receipts", "--json").data
    assert (failed.code, first["exit_code"]) == (5, 5)
    assert first["receipts"] > 0
    assert first["receipts"] + found["receipts"] == len(attachments(filled.simulator))
    assert found["left"] == 0
    assert filled.run("check").code == 0


def test_a_bank_or_a_disk_that_fails_does_not_fail_the_run(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is proven and exports its rows where the receipts cannot be asked for or written, and says so."""
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    here = terminal(size=_SIZE)
    folder = here.book.with_suffix(".receipts")
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    blocked = here.run("run", "--period", "2026-10")
    assert (blocked.code, "Not all receipts and statements were fetched: The folder of" in blocked.err) == (0, True)
    assert len(list(here.exports.iterdir())) > 0
    folder.unlink()
    here.simulator.before_request = lambda bank, path: (
        bank.choose_faults(["key-revoked"]) if path.endswith("/attachments") else None
    )
    refused = here.run("sync")
    here.simulator.before_request = None
    here.simulator.choose_faults([])
    assert (refused.code, "Not all receipts and statements were fetched: The bank does not" in refused.err) == (
        0,
        True,
    )
    assert "Not all" not in here.run("sync").err
    assert len(files_of(here)) > 10
