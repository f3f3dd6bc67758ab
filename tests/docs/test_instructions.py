"""What the pages tell a person to do works today: where the key is, how to install, what not to do with a file."""

import re
from pathlib import Path

import pytest

from primanota import profiles
from primanota.cli.commands.login import login
from primanota.core.commands import weekly_run
from tests.support.screens.command_line import Terminal

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "src" / "primanota"
_PAGES = [*_ROOT.glob("*.md"), *(_ROOT / "docs").glob("*.md")]
_SAID = [*_PAGES, *_SOURCE.rglob("*.py"), *_SOURCE.rglob("*.toml")]
_KEY = "Integrations and Partnerships → API key"
_EXCEL = "profiles.md#do-not-save-a-csv-in-excel"


def _text(path: Path) -> str:
    """Return a text with blanks in place of its line breaks."""
    return re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md", "docs/aws.md", "docs/commands.md"])
def test_a_page_says_where_the_key_is(page: str) -> None:
    """Each page that asks for the API key says where the bank's web app has it."""
    assert _KEY in _text(_ROOT / page)


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md", "docs/aws.md"])
def test_a_page_says_that_the_key_may_write(page: str) -> None:
    """A page about the key says that the key may be able to write."""
    assert "may be able to write" in _text(_ROOT / page)


def test_login_says_where_the_key_is() -> None:
    """The help of ``login`` says where the key is, that it may write, and that the program cannot."""
    told = re.sub(r"\s+", " ", login.help or "")
    assert "under Integrations and Partnerships, API key" in told
    assert "may be able to write; this program cannot" in told


def test_a_refused_key_says_where_the_key_is(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of a refused key says where to look."""
    monkeypatch.setenv("PRIMANOTA_SECRET_KEY", "wrong")
    result = desk.run("sync")
    assert (result.code, _KEY in re.sub(r"\s+", " ", result.err)) == (4, True)


def test_the_old_place_of_the_key_is_named_nowhere() -> None:
    """No page, error, help or mail names the place where the key was before."""
    old = re.compile(r"Integra\w+ (and|und|et|e|y) API|Settings → Integrations")
    assert [path for path in _SAID if old.search(_text(path))] == []


def test_the_number_of_profiles_is_right() -> None:
    """README.md says how many profiles there are."""
    assert f"[{len(profiles.names())} profiles](docs/profiles.md) in all" in _text(_ROOT / "README.md")


def test_no_unpublished_package_is_installed() -> None:
    """No page and no error installs a package by its name, as long as it is not published."""
    published = re.compile(r"(pip|pipx|uv tool) install (--\w+ )*[\"']?primanota\b")
    assert [path for path in _SAID if published.search(_text(path))] == []


def test_one_way_to_install_is_told() -> None:
    """README.md has one line that installs the program, on Windows too, and says that no system refuses it."""
    section = (_ROOT / "README.md").read_text(encoding="utf-8").partition("## Install")[2].partition("\n## ")[0]
    assert re.findall(r"```sh\n(.*?)```", section, re.DOTALL) == ["python3 install.py\n"]
    assert all(words in section for words in ("py install.py", "externally managed", "make program", "--aws"))


@pytest.mark.parametrize(
    "page", ["README.md", "docs/guide.md", "docs/weekly.md", "docs/schedule.md", "docs/simulator.md"]
)
def test_the_next_step_is_the_same_everywhere(page: str) -> None:
    """Each page that a new user meets names the command that the program names as the next step."""
    assert f"`{weekly_run()}`" in _text(_ROOT / page) or f"\n$ {weekly_run()}\n" in (_ROOT / page).read_text("utf-8")


def test_the_pages_for_developers_call_installed_programs() -> None:
    """A command of a page runs after ``make install``: uv itself need not be on the path."""
    assert [path for path in _PAGES if "uv run" in _text(path)] == []


def test_a_secret_is_asked_before_it_is_used() -> None:
    """Each block of commands that uses a variable for a secret reads it first, and forgets it at the end."""
    blocks = re.findall(r"```sh\n(.*?)```", (_ROOT / "docs" / "aws.md").read_text(encoding="utf-8"), re.DOTALL)
    using = [block for block in blocks if "$SECRET" in block]
    assert len(using) == 2
    for block in using:
        assert block.startswith("read -rs SECRET\n")
        assert block.endswith("unset SECRET\n")


@pytest.mark.parametrize(
    "page", ["README.md", *(f"docs/{name}.md" for name in ("lexware", "guide", "weekly", "formats", "own-profile"))]
)
def test_a_page_on_csv_warns_of_excel(page: str) -> None:
    """Each page on files that are imported as CSV leads to what Excel breaks."""
    assert _EXCEL in _text(_ROOT / page)
