"""The page of a fleet in a real browser: accessible, by keyboard, without scripts; and its picture."""

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from primanota.fleet.database import FleetDatabase
from tests.support.fleets import fleet_page as pictured
from tests.support.fleets.fleet_page import LOGINS, PICTURE, fleet_page, fleet_with_everything
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.screens.browser import browser, complaints, new_page
from tests.support.screens.page_pictures import DOCS, WORDS

_FAILED = "atelier-duval-1187"
_SCREENS = ("/", "/?state=needs&weeks=26", f"/clients/{_FAILED}")
_COLOURS, _LAYOUT = ("color-contrast", "link-in-text-block"), ("scrollable-region-focusable", "target-size")
_LOOKS: tuple[tuple[int, Literal["light", "dark"], tuple[str, ...]], ...] = (
    (1440, "light", ()),
    (1440, "dark", _COLOURS),
    (360, "dark", (*_COLOURS, *_LAYOUT)),
    (360, "light", _COLOURS),
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser."""
    with browser() as started:
        yield started


@pytest.fixture
def world(database: FleetDatabase) -> FleetWorld:
    """Return a fleet with some of everything."""
    return fleet_with_everything(database)


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
def test_each_screen_is_accessible(world: FleetWorld, chromium: Browser, language: str) -> None:
    """On each screen axe finds nothing, in two languages, wide and narrow, light and dark; none scrolls sideways."""
    said: list[str] = []
    with (
        fleet_page(world, can_write=True, language="") as client,
        new_page(chromium, base_url=client.access.origin, locale=language, reduced_motion="reduce") as page,
    ):
        page.on("console", lambda message: said.append(message.text))
        page.goto(client.access.address)
        for path in _SCREENS:
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language[:2]
            for width, scheme, rules in _LOOKS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                assert complaints(page, *rules) == [], (path, width, scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
    assert said == []


def test_by_keyboard(world: FleetWorld, chromium: Browser) -> None:
    """With the keyboard a person searches, moves to a client, tries it again, opens it, and goes back to all."""
    with (
        fleet_page(world, can_write=True) as client,
        new_page(chromium, base_url=client.access.origin) as page,
    ):
        page.goto(client.access.address)
        page.wait_for_load_state()
        page.keyboard.press("/")
        expect(page.get_by_label("Login or reason")).to_be_focused()
        page.keyboard.type("duval")
        page.keyboard.press("Enter")
        expect(page.locator("[data-row]")).to_have_count(1)
        page.wait_for_load_state()  # its script runs then
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.get_by_role("status")).to_have_text(f"The latest run of {_FAILED} is tried again.")
        assert world.run(_FAILED).state == "waiting"
        page.wait_for_load_state()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(_FAILED)
        page.wait_for_load_state()
        page.keyboard.press("g")
        page.keyboard.press("c")
        expect(page.locator("[data-row]")).to_have_count(len(LOGINS))


def test_without_scripts(world: FleetWorld, chromium: Browser) -> None:
    """With scripts off a person filters, tries a client again, pauses and resumes it, and keeps the filter."""
    with (
        fleet_page(world, can_write=True) as client,
        new_page(chromium, base_url=client.access.origin, java_script_enabled=False) as page,
    ):
        page.goto(client.access.address)
        page.get_by_label("State").select_option("failed")
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("button", name=f"Pause: {_FAILED}").click()
        assert "state=failed" in page.url
        expect(page.locator("[data-row]")).to_contain_text("paused")
        assert world.table.get(_FAILED).paused
        page.get_by_role("button", name=f"Resume: {_FAILED}").click()
        page.get_by_role("button", name=f"Retry: {_FAILED}").click()
        expect(page.get_by_role("status")).to_contain_text("is tried again")
        expect(page.locator("[data-row]")).to_have_count(0)


def test_the_picture_is_true(database: FleetDatabase, chromium: Browser) -> None:
    """The pictured page has the words that it had in the picture, and docs/fleet.md shows it."""
    with pictured.shown(database, chromium) as page:
        words = f"{page.locator('body').inner_text().strip()}\n"
    assert words == (WORDS / f"{PICTURE}.txt").read_text(encoding="utf-8")
    assert (DOCS / f"page-{PICTURE}.png").is_file()
    assert f"page-{PICTURE}.png)" in (DOCS / "fleet.md").read_text(encoding="utf-8")
