"""Places that cannot work are noticed before a batch exists, so that no row counts as exported in vain."""

import sys
from pathlib import Path

import pytest

from primanota.adapters.storage import disk
from primanota.book import Batches
from primanota.core.errors import DestinationForbidden, DestinationFull
from tests.support.books import weekly_world as firms
from tests.support.books.weekly_world import Firm, body
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET

cloud = s3_server.cloud
firm = firms.firm


@pytest.fixture
def home_book(firm: Firm, tmp_path: Path) -> Firm:
    """Return a company with its book on this machine, and a row."""
    firm.variables["PRIMANOTA_BOOK"] = str(tmp_path / "here.book")
    firm.simulator.bank.arrive(2)
    return firm


def _batches(firm: Firm) -> int:
    with firm.book() as book:
        return len(Batches(book).all())


def test_a_bucket_without_rights(home_book: Firm) -> None:
    """A bucket that refuses the right to put ends the run with a sentence, and nothing counts as exported."""
    home_book.cloud.fault = s3_server.every(s3_server.refusing("403 Forbidden", "AccessDenied"))
    report = home_book.week("2026-01-05")
    assert "access denied" in str(report.failure)
    assert _batches(home_book) == 0
    assert "access denied" in body(home_book.mails[-1])
    home_book.cloud.fault = None
    home_book.clock.advance(days=7)
    assert home_book.week("2026-01-12").failure is None
    assert sorted(home_book.uploaded_rows) == sorted(home_book.truth.items())


def test_a_bucket_that_does_not_exist(home_book: Firm) -> None:
    """A bucket that does not exist is named before anything is decided."""
    home_book.variables["PRIMANOTA_TO"] = "s3://no-such-bucket-1/files/"
    assert "no such bucket" in str(home_book.week("2026-01-05").failure)
    assert _batches(home_book) == 0


def test_without_boto3(home_book: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3 a run to a bucket decides nothing."""
    for name in [*sys.modules, "botocore"]:
        if name.partition(".")[0] in {"boto3", "botocore"}:
            monkeypatch.setitem(sys.modules, name, None)
    assert "boto3, which is not installed" in str(home_book.week("2026-01-05").failure)
    assert _batches(home_book) == 0


def test_a_trial_leaves_nothing(home_book: Firm) -> None:
    """The trial of a bucket stores no object of its own, and needs no right but that to put."""
    home_book.week("2026-01-05")
    assert not [key for key in home_book.cloud.keys() if "trial" in key]  # noqa: SIM118 - no dictionary
    assert f"PUT /{BUCKET}/files/.primanota-trial" in home_book.cloud.requests


def test_a_host_that_fails_is_not_refused(home_book: Firm) -> None:
    """A host that fails for now does not stop the mail with the files; the upload is tried again."""
    home_book.cloud.fault = s3_server.every(s3_server.refusing("503 Slow Down", "SlowDown"), within="/files/")
    home_book.week("2026-01-05")
    assert sorted(home_book.mailed_rows) == sorted(home_book.truth.items())


def test_a_folder_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that this user may not write, or without room, is refused; one of unknown room is not."""
    with monkeypatch.context() as patch:
        patch.setattr("os.access", lambda *_: False)
        with pytest.raises(DestinationForbidden, match="no right"):
            disk.require_room(tmp_path / "new" / "folder")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 0, "total": 0}))
    disk.require_room(tmp_path / "new" / "folder")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 100, "total": 1 << 40}))
    with pytest.raises(DestinationFull):
        disk.require_room(tmp_path / "new" / "folder")
    assert not list(tmp_path.iterdir())
