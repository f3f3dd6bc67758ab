"""The doctor looks at the store of receipts."""

from html import unescape
from pathlib import Path

import pytest

from tests.support.screens.command_line import Terminal
from tests.support.screens.visible_words import visible_text
from tests.web.conftest import OpenPage


def test_the_store_of_receipts(shelf: Terminal, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts are examined where there are some: well, or with the file that is not and the command that helps."""
    page = open_page(language="en").entered
    shelf.simulator.bank.attach(str(shelf.run("list", "--json").data["rows"][0]["id"]))
    assert "Receipts" not in visible_text(page.post("/doctor").text)
    shelf.sync()
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    assert shelf.run("receipts").code == 0
    store = Path(f"{shelf.book}").with_suffix(".receipts")
    assert f"✓ well {store} (" in " ".join(visible_text(page.post("/doctor").text).split())
    (kept, *_) = (path for path in store.rglob("*") if path.is_file())
    kept.write_bytes(b"altered")
    told = unescape(page.post("/doctor").text)  # the error is marked as English, which is not a text of the screen
    assert f" in {store} was changed." in told
    assert "primanota receipts --repair" in told
