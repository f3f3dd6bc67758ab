"""The packs of months that scheduled runs make: each month once for every place, whatever fails or is killed."""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from primanota.adapters import mail
from primanota.adapters.storage import disk, s3
from primanota.app.closing import month_pack
from primanota.app.closing.deliver_pack import CloseRequest, close_month
from primanota.app.running.run_report import RunReport
from primanota.banks.base import AccountStatus
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Book, Letters
from primanota.book.closes import Closes
from primanota.book.due_months import DueMonths
from primanota.book.file.database import Database
from primanota.core.errors import (
    ConfigurationError,
    DeliveryFailed,
    InvalidConfiguration,
    NotProven,
    ServiceUnavailable,
)
from primanota.core.language.notices import english
from primanota.export.destinations import parse_destinations
from primanota.simulator.rate_limits import RateLimits
from tests.support.books import weekly_world as firms
from tests.support.books.weekly_world import Firm, body, die
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET

cloud = s3_server.cloud
firm = firms.firm
ADVISER = "tax@example.com"
_LETTER = "Monatsabschluss"


@pytest.fixture
def office(firm: Firm, tmp_path: Path) -> Firm:
    """Return a company whose packs go to a folder, a bucket and an adviser."""
    firm.variables["PRIMANOTA_CLOSE_TO"] = f"{tmp_path / 'packs'},s3://{BUCKET}/packs/,mailto:{ADVISER}"
    firm.simulator.bank.arrive(3)
    return firm


def week(firm: Firm, day: str, **more: Any) -> RunReport:  # noqa: ANN401 - the fields of RunRequest
    """Execute the run of a day, at six in the morning UTC."""
    firm.clock.now = datetime.fromisoformat(f"{day}T06:00:00+00:00")
    firm.simulator._state.limits = RateLimits()  # weeks lie between the runs
    return firm.week(day, **more)


def in_folder(tmp_path: Path) -> dict[str, bytes]:
    """Return the packs in the folder, by name; beside them is only what a killed run has staged."""
    found = [path for path in sorted((tmp_path / "packs").iterdir()) if not path.match(".primanota-*.part")]
    return {path.name: path.read_bytes() for path in found}


def in_bucket(firm: Firm) -> dict[str, bytes]:
    """Return the packs in the bucket, by name."""
    keys = sorted(key for key in firm.cloud.keys() if key.startswith("packs/"))  # noqa: SIM118 - no dictionary
    return {key.removeprefix("packs/"): firm.cloud.content(key) for key in keys}


def letters(firm: Firm) -> list[Any]:
    """Return the letters of closed months that arrived."""
    return [one for one in firm.mails if one["Subject"].startswith(_LETTER)]


def mailed(firm: Firm) -> dict[str, bytes]:
    """Return the packs that were mailed, by name."""
    parts = [part for letter in letters(firm) for part in letter.iter_attachments()]
    return {part.get_filename(): part.get_payload(decode=True) for part in parts}


def notes(report: RunReport) -> str:
    """Return the notes of a run in English."""
    return "\n".join(map(english, report.notes))


def test_a_month_that_has_ended_is_packed_once(office: Firm, tmp_path: Path) -> None:
    """The run after a month's end brings one pack with the same bytes to each place; later runs bring no other."""
    assert week(office, "2026-01-05").failure is None
    assert list(in_folder(tmp_path)) == [f"{office.simulator.login}_2025-12_close_tool.zip"]
    for day in ("2026-01-12", "2026-02-02", "2026-02-09"):
        office.simulator.bank.arrive(1)
        report = week(office, day)
        assert (report.failure, report.unsent) == (None, [])
    packs = in_folder(tmp_path)
    assert [name.split("_")[1] for name in packs] == ["2025-12", "2026-01"]
    assert packs == in_bucket(office) == mailed(office)
    assert len(letters(office)) == 2
    assert all(zipfile.ZipFile(io.BytesIO(content)).testzip() is None for content in packs.values())


def test_the_letter_has_the_essentials(office: Firm, tmp_path: Path) -> None:
    """The letter to the adviser alone states rows, balances, proof and missing receipts, and its pack's hash."""
    week(office, "2026-01-05")
    report = week(office, "2026-02-02")
    letter = letters(office)[-1]
    assert letter["To"] == ADVISER
    assert letter["Subject"] == f"{_LETTER} 2026-01, Morgenrot Fahrradbau GmbH"
    with office.book() as book:
        close = Closes(book).newest()[-1]
    (account,) = (one for one in close.accounts if one.rows)
    text = body(letter)
    opened, ended = account.proof.opening, account.proof.closing
    assert opened is not None
    assert ended == opened + account.proof.completed.sum_in + account.proof.completed.sum_out
    assert f"Umsätze: {account.rows}" in " ".join(text.split())
    for word in ("Anfangssaldo", "Endsaldo", "Vollständigkeit nachgewiesen", "missing-receipts.csv", close.sha256):
        assert word in text
    html = letter.get_body(("html",)).get_content()
    assert all(word in html for word in ("Anfangssaldo", "Vollständigkeit nachgewiesen", close.sha256))
    pack = tmp_path / "packs" / close.name
    assert hashlib.sha256(pack.read_bytes()).hexdigest() == close.sha256
    assert f"{pack}" in notes(report)
    (own,) = (one for one in office.mails[-2:] if not one["Subject"].startswith(_LETTER))
    assert f"{pack}" in body(own).replace("\n", "")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Das Paket liegt bei", "Anfangssaldo")),
        ("en", ("The pack is attached", "Opening balance")),
        ("es", ("El paquete va adjunto", "Saldo inicial")),
        ("fr", ("Le dossier est joint", "Solde initial")),
        ("it", ("Il pacchetto è allegato", "Saldo iniziale")),
    ],
)
def test_the_letter_is_in_the_companys_language(office: Firm, language: str, words: tuple[str, ...]) -> None:
    """The letter is written in each of the five languages."""
    office.variables |= {"PRIMANOTA_LANGUAGE": language, "PRIMANOTA_CLOSE_TO": f"mailto:{ADVISER}"}
    week(office, "2026-01-05")
    letter = next(one for one in office.mails if one["To"] == ADVISER)
    assert all(word in body(letter) for word in words)


def test_every_missed_month_is_packed(office: Firm, tmp_path: Path) -> None:
    """After months without a run, the next one makes the pack of each; so does a first month in the settings."""
    week(office, "2026-01-05")
    assert week(office, "2026-04-06").failure is None
    months = ["2025-12", "2026-01", "2026-02", "2026-03"]
    assert [name.split("_")[1] for name in in_folder(tmp_path)] == months
    assert in_folder(tmp_path) == in_bucket(office) == mailed(office)


def test_a_first_month_and_a_later_day(office: Firm, tmp_path: Path) -> None:
    """With ``since``, packs begin with that month; with ``day``, a month waits until that day of the next one."""
    settings = tmp_path / "firm" / "config.toml"
    settings.write_text(
        f'[organisation.{office.simulator.login}.close]\nsince = "2025-11"\nday = 6\nfor = "lexware"\n',
        encoding="utf-8",
    )
    week(office, "2026-01-05")
    assert [name.split("_")[1] for name in in_folder(tmp_path)] == ["2025-11"]
    week(office, "2026-01-06")
    assert [name.split("_")[1:] for name in in_folder(tmp_path)] == [
        ["2025-11", "close", "lexware.zip"],
        ["2025-12", "close", "lexware.zip"],
    ]


def test_a_month_that_is_not_proven_yet(office: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A month that is not proven is said in the notes, and packed by the first run that finds it proven."""
    account_status = QontoBank.account_status

    def other(bank: QontoBank, key: str) -> AccountStatus:
        balance, counts, _ = account_status(bank, key)
        return AccountStatus((balance or 0) + 100, counts)

    with monkeypatch.context() as patched:
        patched.setattr(QontoBank, "account_status", other)
        for day, more in (("2026-01-05", {"allow_unproven": True}), ("2026-01-06", {})):
            report = week(office, day, **more)
            assert "The month 2025-12 is not closed yet: " in notes(report)
            assert isinstance(report.failure, NotProven) is not bool(more)
            assert not (tmp_path / "packs").exists()
    assert "The month 2025-12 is closed" in notes(week(office, "2026-01-12"))
    assert len(in_folder(tmp_path)) == len(letters(office)) == 1


def test_a_run_that_fails_makes_no_pack(office: Firm, tmp_path: Path) -> None:
    """A run that cannot read the bank makes no pack; the next one does."""
    office.line.cut = True
    assert isinstance(week(office, "2026-01-05").failure, ServiceUnavailable | ConfigurationError)
    assert not (tmp_path / "packs").exists()
    office.line.cut = False
    assert week(office, "2026-01-12").failure is None
    assert len(in_folder(tmp_path)) == 1


def test_a_bucket_that_fails(office: Firm, tmp_path: Path) -> None:
    """A place that fails gets the same pack by the next run; the others do not get it twice."""
    office.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/packs/")
    assert isinstance(week(office, "2026-01-05").failure, DeliveryFailed)
    assert list(in_folder(tmp_path)) == list(mailed(office))
    office.cloud.fault = None
    assert week(office, "2026-01-12").failure is None
    assert in_folder(tmp_path) == in_bucket(office) == mailed(office)
    assert len(letters(office)) == 1


def test_a_pack_that_is_too_large_for_a_mail(office: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack that is too large for a mail is not attached: the letter names its places, or the command for it."""
    monkeypatch.setattr("primanota.adapters.mail.MOST_BYTES", 1000)
    week(office, "2026-01-05")
    assert mailed(office) == {}
    ((name, _),) = in_folder(tmp_path).items()
    text = body(letters(office)[0]).replace("\n", "")
    assert f"{tmp_path / 'packs' / name}" in text
    assert f"s3://{BUCKET}/packs/{name}" in text
    office.variables["PRIMANOTA_CLOSE_TO"] = f"mailto:{ADVISER}"
    week(office, "2026-02-02")
    assert "primanota close 2026-01 --to" in body(letters(office)[1])


def test_an_address_that_is_corrected(office: Firm) -> None:
    """A letter that was refused for a wrong address is sent to the right one, once the settings have it."""
    office.office.refused = {ADVISER: "550 nobody here"}
    assert week(office, "2026-01-05").unsent
    office.variables["PRIMANOTA_CLOSE_TO"] = office.variables["PRIMANOTA_CLOSE_TO"].replace(
        ADVISER, "zoe@example.com"
    )
    for day in ("2026-01-12", "2026-01-19"):
        assert (week(office, day).failure, week(office, day).unsent) == (None, [])
    (letter,) = letters(office)
    assert letter["To"] == "zoe@example.com"


def test_a_month_that_was_closed_by_hand(office: Firm, tmp_path: Path) -> None:
    """A month that a person has closed already has the same pack, and the same people get no second mail."""
    to, office.variables["PRIMANOTA_CLOSE_TO"] = office.variables["PRIMANOTA_CLOSE_TO"], ""
    week(office, "2026-01-05")
    words = (f"{tmp_path / 'packs'}", f"mailto:{ADVISER}")
    close_month(office.workspace(), CloseRequest("2025-12", parse_destinations(words)))
    office.variables["PRIMANOTA_CLOSE_TO"] = to
    week(office, "2026-01-12")
    assert in_folder(tmp_path) == in_bucket(office) == mailed(office)
    assert (len(letters(office)), len(in_folder(tmp_path))) == (1, 1)


@pytest.mark.parametrize("reachable", [True, False])
def test_receipts_are_fetched_for_the_pack(office: Firm, tmp_path: Path, *, reachable: bool) -> None:
    """Without the setting for receipts, they and the statements are fetched; if not, pack and notes say so."""
    week(office, "2026-01-05")
    bank = office.simulator.bank
    bank.attach(next(row["id"] for key in bank.account_ids() for row in bank.truth(key) if row["settled_at"]))
    away = patch(
        "primanota.app.receipts.fetch_new.fetch", side_effect=ServiceUnavailable("The bank's files are away.", "")
    )
    with nullcontext() if reachable else away:
        report = week(office, "2026-02-02")
    assert report.failure is None
    assert ("The bank's files are away." in notes(report)) is not reachable
    assert ("lacks 1 receipt that the bank lists" in notes(report)) is not reachable
    names = zipfile.ZipFile(io.BytesIO(list(in_folder(tmp_path).values())[-1])).namelist()
    for folder in ("receipts/", "statements/"):
        assert any(name.startswith(folder) for name in names) is reachable
    assert ("nicht abgerufen" in body(letters(office)[-1])) is not reachable


def test_a_file_cannot_have_every_month(office: Firm, tmp_path: Path) -> None:
    """A file as the place of packs is refused by name, and the week's file has left all the same."""
    office.variables["PRIMANOTA_CLOSE_TO"] = f"{tmp_path / 'pack.zip'}"
    report = week(office, "2026-01-05")
    assert isinstance(report.failure, InvalidConfiguration)
    assert office.uploaded_rows


@contextmanager
def dying(step: int) -> Iterator[list[int]]:
    """Let a run die at one of its steps; yields a list with the number of steps that were reached.

    A step is the moment before something is stored, and the moments before and after something leaves.
    """
    reached = [0]

    def count() -> None:
        reached[0] += 1
        if reached[0] == step:
            die()

    def around(real: Callable[..., Any], *, leaves: bool = True) -> Callable[..., Any]:
        def stepping(*words: Any, **names: Any) -> Any:  # noqa: ANN401
            count()
            found = real(*words, **names)
            if leaves:
                count()
            return found

        return stepping

    with (
        patch.object(disk, "name_staged", around(disk.name_staged)),
        patch.object(s3, "put_file", around(s3.put_file)),
        patch.object(mail, "send", around(mail.send)),
        patch.object(Closes, "save", around(Closes.save, leaves=False)),
        patch.object(DueMonths, "save", around(DueMonths.save, leaves=False)),
        patch.object(Letters, "save", around(Letters.save, leaves=False)),
        patch.object(Database, "publish", around(Database.publish, leaves=False)),
    ):
        yield reached


def test_killed_at_each_step(office: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed before or after any step of a month's pack is completed: each place has the month once."""
    monkeypatch.setattr(month_pack, "certificate", lambda *_: b"%PDF")  # else most of the time is theirs
    office.variables |= {"PRIMANOTA_BOOK": f"{tmp_path / 'firm.book'}", "PRIMANOTA_TO": f"{tmp_path / 'files'}"}
    week(office, "2026-01-05")
    months, step = 1, 0
    while True:
        step += 1
        day = f"{2026 + (months // 12)}-{months % 12 + 1:02}-02"
        office.simulator.bank.arrive(1)
        with dying(step) as reached:
            try:
                week(office, day)
            except SystemExit:
                ended = False
            else:
                ended = True
        months += 1
        office.clock.advance(minutes=20)
        report = firm_again(office, day)
        assert (report.failure, report.unsent) == (None, []), step
        packs = in_folder(tmp_path)
        assert len(packs) == months, step
        assert packs == in_bucket(office) == mailed(office), step
        # A mail of which a killed run did not record that it was sent is sent again with the same Message-ID.
        assert len({letter["Message-ID"] for letter in letters(office)}) == months, step
        if ended:
            break
    assert reached[0] > 15
    assert len(letters(office)) <= months + 3


def firm_again(firm: Firm, day: str) -> RunReport:
    """Execute the run of a day again, later on that day, as a later run."""
    firm.simulator._state.limits = RateLimits()
    return firm.week(f"{day} again")


def test_a_copied_book_waits_for_a_decision(office: Firm, tmp_path: Path) -> None:
    """A pack that was decided in a book that was imported since waits, since the book's old place may bring it."""
    office.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/packs/")
    week(office, "2026-01-05")
    office.cloud.fault = None
    with office.book() as book, patch.object(Book, "held_ids", lambda *_: frozenset(("2025-12",))):
        assert [one.pending for one in DueMonths(book).all()] == [(f"s3://{BUCKET}/packs/",)]
        assert DueMonths(book).not_held() == []
    week(office, "2026-01-12")
    with office.book() as book:
        assert [one.is_done for one in DueMonths(book).all()] == [True]
    assert in_folder(tmp_path) == in_bucket(office)
