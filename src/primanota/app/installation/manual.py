"""The pages of the documentation, which are installed with the program: their names, and their texts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from primanota.core.errors import InvalidInput, among

_PACKAGE = Path(__file__).parents[2]
# A line of the list in README.md: title, path, and what the page is about.
_LISTED = re.compile(r"^- \[([^\]]+)\]\(([\w/.-]+\.md)\)(?::\s+(.+))?$", re.MULTILINE)
_LISTS = "“primanota help” lists the topics."
_FIRST = ("README.md", "the program in short: why it can be trusted, how to install it, the first ten minutes")


class Topic(NamedTuple):
    """A page: the name that is typed, its path below the folder of pages, and one line about it."""

    name: str
    path: str
    line: str


def topics() -> list[Topic]:
    """Return the pages in the order of the list in README.md."""
    listed = _LISTED.findall(_text("README.md"))
    pages = [(path.removeprefix("docs/"), line or title) for title, path, line in listed]
    return [Topic(topic_of(path), path, line) for path, line in (_FIRST, *pages)]


def topic_of(path: str) -> str:
    """Return the name of the page with a path such as ``proof.md``, ``decisions/README.md`` or ``CHANGELOG.md``."""
    page = Path(path)
    is_index = page.stem == "README" and page.parent.name not in {"", ".."}
    name = page.parent.name if is_index else page.stem
    return {"changelog": "changes"}.get(name.lower(), name.lower())


def page(name: str) -> str:
    """Return the text of a page as Markdown.

    Raises:
        InvalidInput: there is no such page.
    """
    paths = {topic_of(path): path for path in _paths()}
    wanted = name.lower().removesuffix(".md")
    if wanted not in paths:
        raise InvalidInput(f"There is no help on “{name}”.", among(wanted, paths, _LISTS))
    return _text(paths[wanted])


def _paths() -> Iterator[str]:
    folder = _folder()
    yield from ("README.md", "CHANGELOG.md")
    yield from (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.md")))


def _folder() -> Path:
    """Return the folder of pages: of the installed package, or of a clone."""
    installed = _PACKAGE / "docs"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / "docs"


def _text(path: str) -> str:
    folder = _folder()
    file = folder / path if (folder / path).exists() else folder.parent / path
    return file.read_text(encoding="utf-8")
