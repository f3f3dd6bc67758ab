"""The page in a real browser: by mouse, by keyboard, without scripts, narrow and wide, light, dark; and attacked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from primanota.core.language.catalogue import LANGUAGES
from tests.support.banks.shy_bank import authorise
from tests.support.screens.browser import FOREIGN_NAME, complaints, new_page
from tests.support.screens.command_line import Terminal
from tests.web.conftest import OpenPage, Visit

_SCREENS = (
    *("/", "/review", "/review?kind=receipt", "/review/put-away", "/proof", "/proof/certificate", "/rows"),
    *("/rows?text=a&side=out", "/batches", "/batches/1", "/batches/1/undo", "/flows", "/preview?since=1.11.2026"),
    *("/preview/learn", "/doctor", "/nothing"),
)
# A width and a colour scheme change the layout and the colours alone, so that only their rules are tried again.
_OF_COLOURS, _OF_LAYOUT = ("color-contrast", "link-in-text-block"), ("scrollable-region-focusable", "target-size")
_LOOKS: tuple[tuple[int, Literal["light", "dark"], tuple[str, ...]], ...] = (
    (1440, "light", ()),
    (1440, "dark", _OF_COLOURS),
    (360, "dark", (*_OF_COLOURS, *_OF_LAYOUT)),
    (360, "light", _OF_COLOURS),
)
_SAMPLE = """Datum;Empfänger;Verwendungszweck;Betrag
01.10.2026;Müller GmbH;Rechnung 5;-12,50
02.10.2026;Stadt;Gebühr;1,00
"""


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
def test_each_screen_is_accessible(open_page: OpenPage, visit: Visit, language: str) -> None:
    """On each screen axe finds nothing, in two languages, wide and narrow, light and dark; none scrolls sideways."""
    with visit(open_page(can_write=True, language=""), locale=language, reduced_motion="reduce") as page:
        for path in _SCREENS:
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language[:2]
            for width, scheme, rules in _LOOKS:
                page.set_viewport_size({"width": width, "height": 900})
                page.emulate_media(color_scheme=scheme)
                assert complaints(page, *rules) == [], (path, width, scheme)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
        page.goto("/preview/learn")
        page.set_input_files("#sample", {"name": "bank.csv", "mimeType": "text/csv", "buffer": _SAMPLE.encode()})
        page.locator("main button").first.click()
        page.get_by_role("columnheader", name="Empfänger").wait_for()
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= _LOOKS[-1][0]


def test_the_certificate_is_one_sheet(open_page: OpenPage, visit: Visit) -> None:
    """The certificate of a month is printed on one sheet of A4, in each language."""
    with visit(open_page(language="")) as page:
        for language in LANGUAGES:
            page.set_extra_http_headers({"Accept-Language": language})
            page.goto("/proof/certificate?month=2026-11")
            assert page.locator("html").get_attribute("lang") == language
            sheet = page.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1, language
            ((width, height),) = {*re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", sheet)}
            assert (round(float(width)), round(float(height))) == (595, 842)


def test_by_mouse(shelf: Terminal, open_page: OpenPage, visit: Visit) -> None:
    """With the mouse a person goes from the week to the preview, writes the file, and marks it as imported."""
    shelf.arrive(2)
    with visit(open_page(can_write=True)) as page:
        expect(page.locator(".lead")).to_contain_text("2 new rows.")
        page.get_by_role("link", name="Write the file").click()
        page.get_by_role("button", name="Write the file").click()
        page.get_by_role("row").nth(1).get_by_role("link").first.click()
        page.get_by_role("button", name="Mark as imported today").click()
        expect(page.get_by_text("imported on")).to_be_visible()
    batch = shelf.run("batches", "--json").data["batches"][1]
    assert (batch["rows"], batch["imported"]) == (2, f"{shelf.clock():%Y-%m-%d}")


def test_by_keyboard(open_page: OpenPage, visit: Visit) -> None:
    """With the keyboard a person opens screens, moves between rows, opens one, searches, and reads the help."""
    with visit(open_page()) as page:
        page.keyboard.press("g")
        page.keyboard.press("s")
        expect(page).to_have_title("Rows · Primanota")
        page.wait_for_load_state()  # its script runs then
        for _ in range(3):
            page.keyboard.press("j")
        page.keyboard.press("k")
        second = page.locator("[data-row]").nth(1)
        expect(second).to_be_focused()
        name = second.get_by_role("link").first.inner_text()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Row: {name}")
        page.wait_for_load_state()
        page.keyboard.press("/")
        expect(page).to_have_url(f"{page.url.partition('/rows')[0]}/rows#search")
        page.wait_for_load_state()
        page.keyboard.press("/")
        expect(page.get_by_label("Words")).to_be_focused()
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()


def test_older_rows_come_below(shelf: Terminal, open_page: OpenPage, visit: Visit) -> None:
    """With scripts the older rows are added below the newer ones, each once, until there are no more."""
    shelf.arrive(120)
    expected = [row["id"] for row in shelf.run("list", "--json").data["rows"]][::-1]
    with visit(open_page()) as page:
        page.goto("/rows")
        expect(page.locator("#rows tr")).to_have_count(100)
        page.get_by_role("link", name="Older rows").click()
        expect(page.locator("#rows tr")).to_have_count(len(expected))
        expect(page.get_by_role("link", name="Older rows")).to_have_count(0)
        links = page.locator("#rows th a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == [f"/rows/{key}" for key in expected]


def test_a_finding_is_put_away_by_keyboard(shelf: Terminal, open_page: OpenPage, visit: Visit) -> None:
    """With j and a the first finding is put away, and with u taken back, as the command shows it."""
    authorise(shelf.simulator)
    shelf.sync()
    [finding] = shelf.run("review", "--json").data["findings"][:1]
    with visit(open_page(can_write=True)) as page:
        page.goto("/review")
        page.get_by_label("Note").fill("seen at the bank")
        page.locator("h1").click()
        page.keyboard.press("j")
        page.keyboard.press("a")
        expect(page.get_by_text("Nothing of this kind needs you.")).to_be_visible()
        [put_away] = shelf.run("review", "--accepted", "--json").data["findings"]
        assert (put_away["id"], put_away["kind"]) == (finding["id"], "pending")
        page.goto("/review/put-away")
        expect(page.get_by_text("seen at the bank")).to_be_visible()
        page.keyboard.press("j")
        page.keyboard.press("u")
        expect(page.get_by_text("Nothing was put away.")).to_be_visible()
    assert shelf.run("review", "--json").data["findings"][0]["id"] == finding["id"]


def test_the_content_is_the_first_stop(open_page: OpenPage, visit: Visit) -> None:
    """The first stop of the keyboard leads past the navigation, to the content."""
    with visit(open_page()) as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()


def test_without_scripts(shelf: Terminal, open_page: OpenPage, visit: Visit) -> None:
    """With scripts off everything works: filters, forms, a sample that is learnt, files, changes."""
    shelf.arrive(1)
    with visit(open_page(can_write=True), java_script_enabled=False) as page:
        page.get_by_role("link", name="Rows").click()
        page.get_by_label("Side").select_option("out")
        page.get_by_role("button", name="Filter").click()
        assert "side=out" in page.url
        page.goto("/preview/learn")
        page.set_input_files("#sample", {"name": "bank.csv", "mimeType": "text/csv", "buffer": _SAMPLE.encode()})
        page.get_by_role("button", name="Learn").click()
        expect(page.get_by_role("columnheader", name="Empfänger")).to_be_visible()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Download the profile").click()
        assert saved.value.suggested_filename == "bank.toml"
        page.goto("/preview")
        page.get_by_role("button", name="Write the file").click()
        page.goto("/batches/2/undo")
        page.get_by_role("button", name="Undo this export").click()
        expect(page.get_by_text("undone: by hand")).to_be_visible()


@contextmanager
def _attacker(body: str) -> Iterator[str]:
    """Serve a hostile page on another port of this machine; yield its address."""

    class Hostile(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_on_another_port_changes_nothing(shelf: Terminal, open_page: OpenPage, chromium: Browser) -> None:
    """A form that another port of this machine sends has the strict cookie, and changes nothing all the same."""
    client = open_page(can_write=True)
    target = f"{client.access.origin}/batches/1/imported"
    token = client.access.form_token  # even if it knew that
    form = f'<form method=post action="{target}"><input name=form_token value="{token}"><button>Go</button></form>'
    with _attacker(form) as address, new_page(chromium) as page:
        page.goto(client.access.address)
        page.goto(address)
        page.get_by_role("button").click()
        expect(page.locator("body")).to_contain_text("did not come from this page")
    assert shelf.run("batches", "--json").data["batches"][0]["imported"] is None


def test_a_foreign_page_reads_nothing(open_page: OpenPage, chromium: Browser) -> None:
    """Another page can neither frame the page, nor fetch it, nor load a part of it as a script or a picture."""
    client = open_page()
    origin = client.access.origin
    hostile = f"""<iframe src="{origin}/"></iframe><script>
        window.got = fetch("{origin}/", {{credentials: "include"}}).then(a => a.text(), () => "refused")</script>"""
    with _attacker(hostile) as address, new_page(chromium) as page:
        page.goto(client.access.address)
        page.goto(address)
        assert page.evaluate("window.got") == "refused"
        assert "Primanota" not in page.frames[1].content()


def test_another_name_of_this_machine_opens_nothing(open_page: OpenPage, chromium: Browser) -> None:
    """A name of an attacker that leads to this machine is refused (DNS rebinding)."""
    client = open_page()
    port = client.access.host.partition(":")[2]
    with new_page(chromium) as page:
        answer = page.goto(f"http://{FOREIGN_NAME}:{port}/")
        assert answer
        assert answer.status == 421
