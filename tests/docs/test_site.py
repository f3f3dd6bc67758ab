"""The site, the man page and the EPUB: whole, without a request to anywhere, usable by everybody."""

import re
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page
from website import build
from website.sections import SECTIONS, sections

import primanota
from primanota.banks import qonto
from primanota.cli import primanota as program
from tests.support import environment
from tests.support.screens.browser import browser, complaints, new_page

ROOT = Path(__file__).parents[2]
_BUILD = "import sys; from pathlib import Path; from website.build import main; sys.exit(main(Path(sys.argv[1])))"
_LOADED = re.compile(r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\s(?:src|data)="([^"]*)""")
_LINK_TAG = re.compile(r"<link\b[^>]*>")
_NOT_LOADED = {"search", "index", "prev", "next", "canonical", "author", "help", "copyright"}
_OF_CSS = re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])(?!data:)([^\"')]+)")
_MAIN_PAGES = {"light": ("index", "docs/weekly", "docs/library", "search"), "dark": ("index", "docs/weekly")}
# Of long pages, on which all rules take seconds: what their tables and signatures can have wrong.
_LONG_PAGES = ("api", "docs/commands")
_RULES = ("definition-list", "dlitem", "empty-table-header", "scrollable-region-focusable", "image-alt")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build everything once, also if several processes run the tests; return the folder."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            done = environment.run([sys.executable, "-c", _BUILD, folder], cwd=ROOT)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder


@pytest.fixture(scope="module")
def site(built: Path) -> Path:
    """Return the folder of the built pages."""
    return built / "html"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser for the tests of this module."""
    with browser() as started:
        yield started


@contextmanager
def _opened(chromium: Browser, base: str, **options: Any) -> Iterator[Page]:  # noqa: ANN401 - the options of a context
    """Open a page that reports each request which does not begin with an address, and each error of a script."""
    wrong: list[str] = []
    with new_page(chromium, **options) as page:
        page.on("request", lambda one: None if one.url.startswith((base, "data:")) else wrong.append(one.url))
        page.on("pageerror", lambda error: wrong.append(f"{error}"))
        yield page
        assert wrong == []


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port, as Pages would; yields its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=f"{folder}")) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _loaded_by_links(text: str) -> Iterator[str]:
    """Yield the addresses of all ``link`` elements but those that a browser only shows."""
    for tag in _LINK_TAG.findall(text):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if attributes["rel"] not in _NOT_LOADED:
            yield attributes["href"]


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    """Every script, style, font and picture of every page is a file of the site."""
    pages = [*site.rglob("*.html")]
    assert len(pages) > 40
    for page in pages:
        text = _text(page)
        assert "srcset" not in text
        for address in (*_LOADED.findall(text), *_loaded_by_links(text)):
            parts = urlsplit(address)
            assert not parts.scheme or parts.scheme == "data", f"{page.name} loads {address}"
            assert parts.scheme or (page.parent / unquote(parts.path)).is_file(), f"{page.name} lacks {address}"
    for style in site.rglob("*.css"):
        for address in _OF_CSS.findall(_text(style)):
            assert (style.parent / urlsplit(address).path).is_file(), f"{style.name} loads {address}"


def test_every_link_leads_to_a_place_of_the_site(site: Path) -> None:
    """Each link of a page to another one, or to a heading, has a target."""
    texts = {page: _text(page) for page in site.rglob("*.html")}
    places = {page: {*re.findall(r'\bid="([^"]+)"', text)} for page, text in texts.items()}
    for page, text in texts.items():
        for address in re.findall(r'<a\b[^>]*?\bhref="([^"]+)"', text):
            parts = urlsplit(address)
            if parts.scheme or address in {"#", "#top"}:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page.name} links to {address}"
            assert not parts.fragment or unquote(parts.fragment) in places[target], f"{page.name}: {address}"


def test_every_page_of_the_repository_is_on_the_site(site: Path) -> None:
    """Each page of docs/, the decisions and the pages at the top are there; none was renamed."""
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        assert (site / page.relative_to(ROOT)).with_suffix(".html").is_file(), page.name


def test_the_api_page_has_the_public_names(site: Path) -> None:
    """The API page explains each public name, and no other of the program."""
    shown = {*re.findall(r'id="(primanota\.(?:\w+\.)*\w+)"', _text(site / "api.html"))}
    names = {f"primanota.{name}" for name in primanota.__all__ if name != "__version__"}
    names |= {f"primanota.banks.qonto.{name}" for name in qonto.__all__}
    assert {name for name in shown if not any(name.startswith(f"{one}.") for one in names)} == names


def _commands() -> Iterator[str]:
    context = click.Context(program)
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        yield name
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in command.commands)


def test_the_man_page_has_every_command(built: Path) -> None:
    """The man page begins as one, and has a section for each command."""
    text = _text(built / "man" / "primanota.1").replace("\\-", "-")
    assert '.TH "PRIMANOTA" "1"' in text
    titles = re.findall(r"^\.S[SH] (.+)$", text, re.MULTILINE)
    headings = {re.sub(r"\\f\w|\"", "", title).casefold() for title in titles}
    assert {f"primanota {name}" for name in _commands()} <= headings
    assert "<#" not in text


def test_the_epub_is_a_book(built: Path) -> None:
    """The EPUB has its type first and unpacked, as its specification demands, and each page."""
    with zipfile.ZipFile(built / "epub" / "primanota.epub") as book:
        first = book.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert book.read(first) == b"application/epub+zip"
        assert {"index.xhtml", "api.xhtml", "docs/weekly.xhtml", "docs/commands.xhtml"} <= {*book.namelist()}
        assert book.testzip() is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_usable_by_everybody(site: Path, chromium: Browser, scheme: str) -> None:
    """Axe finds nothing on the main pages, in light and in dark, and no page is wider than a narrow screen."""
    with _opened(chromium, site.as_uri(), color_scheme=scheme, viewport={"width": 390, "height": 800}) as page:
        for name in (*_MAIN_PAGES[scheme], *_LONG_PAGES):
            page.goto(f"{(site / name).as_uri()}.html")
            assert complaints(page, *(_RULES if name in _LONG_PAGES else ())) == [], name
            assert page.evaluate("document.documentElement.scrollWidth") <= 390, name


def test_the_search_finds_pages_in_files_and_over_http(site: Path, chromium: Browser) -> None:
    """Words that are typed into the search field find the page about them, from a folder as from a server."""
    with _served(site) as url:
        for base in (url, site.as_uri()):
            with _opened(chromium, base) as page:
                page.goto(f"{base}/docs/weekly.html")
                page.get_by_role("textbox", name="Search").fill("hash chain")
                page.keyboard.press("Enter")
                page.locator("ul.search li a", has_text="The hash chain").first.click()
                assert page.url.partition("?")[0].startswith(f"{base}/docs/book.html")
                assert page.locator("h1").inner_text().startswith("The book")


def test_a_reader_chooses_light_or_dark(site: Path, chromium: Browser) -> None:
    """The button beside the title changes the colours of the page against those of the system."""
    with _opened(chromium, site.as_uri(), color_scheme="light", viewport={"width": 1280, "height": 800}) as page:
        page.goto((site / "index.html").as_uri())
        seen = set()
        for _ in range(3):
            seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            page.get_by_role("button", name="Toggle Light / Dark / Auto color theme").last.click()
        assert len(seen) == 2


def test_links_to_the_source_are_of_its_commit_or_text(tmp_path: Path) -> None:
    """A link to a file that is no page leads to the repository that is named; without one it is its text alone."""
    build.assemble(tmp_path / "here")
    assert "tests/scenarios/test_kill.py" not in _text(tmp_path / "here" / "docs" / "security.md")
    build.assemble(tmp_path / "there", "https://git.example/blob/abc")
    there = _text(tmp_path / "there" / "docs" / "security.md")
    assert "(https://git.example/blob/abc/tests/scenarios/test_kill.py)" in there
    assert there.count("](") > 20


def test_a_broken_link_stays_for_sphinx_to_refuse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link to a page that does not exist is not taken for one to the source."""
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md"):
        (tmp_path / name).write_text("# A page\n", encoding="utf-8")
    (tmp_path / "docs" / "one.md").write_text("# One\n\n[two](two.md) [script](../setup.sh)\n", encoding="utf-8")
    (tmp_path / "setup.sh").touch()
    monkeypatch.setattr(build, "ROOT", tmp_path)
    build.assemble(tmp_path / "source")
    assert _text(tmp_path / "source" / "docs" / "one.md") == "# One\n\n[two](two.md) script\n"


def test_a_new_page_is_in_the_list() -> None:
    """A page that README.md lists, and that no section names, is in the last one; sections name pages that exist."""
    *_, (title, rest) = sections(["docs/weekly", "docs/never-seen"])
    assert (title, rest) == ("More", ["docs/never-seen"])
    for name in (name for names in SECTIONS.values() for name in names):
        assert (ROOT / "docs" / f"{name}.md").is_file()
