"""Build the site, the man page and the EPUB: ``python -m website.build`` (“make docs”). Warnings are errors.

The pages are those of the repository, unchanged, in the folders in which they are, so that their links work here as
they do on GitHub. Only links to files that are no pages differ: they lead to ``DOCS_REPOSITORY``, the address of the
files of a commit, or are text without it.
"""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

from sphinx.cmd.build import build_main

from website.sections import sections

ROOT: Final = Path(__file__).parents[1]
HERE: Final = ROOT / "website"
OUTPUT: Final = ROOT / "build" / "docs"
BUILDERS: Final = ("html", "man", "epub")
# At the root of the repository; of docs/ every page and picture is part of the site.
_PAGES: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
_PICTURES: Final = {".png", ".svg"}
_FENCE: Final = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
_LISTED: Final = re.compile(r"^- \[[^\]]+\]\(([\w/.-]+)\.md\)", re.MULTILINE)
_CONTENTS: Final = "<!-- contents -->\n"


def main(output: Path = OUTPUT, builders: tuple[str, ...] = BUILDERS) -> int:
    """Put the pages together, and build what is asked for.

    Args:
        output: the folder of what is built, a folder for each builder.
        builders: names of Sphinx's builders.

    Returns:
        The exit code: that of the first builder that failed.
    """
    source = output / "source"
    assemble(source, os.environ.get("DOCS_REPOSITORY", "").rstrip("/"))
    common = ["-W", "--keep-going", "-q", "-c", str(HERE), "-d", str(output / "doctrees")]
    for builder in builders:
        shutil.rmtree(output / builder, ignore_errors=True)
        if code := build_main([*common, "-b", builder, str(source), str(output / builder)]):
            return code
    return 0


def assemble(source: Path, repository: str = "") -> None:
    """Write the source of the site into a folder.

    Args:
        source: the folder; what is in it is replaced.
        repository: where the other files of the repository can be read; empty if that is not known.
    """
    shutil.rmtree(source, ignore_errors=True)
    pages = [*(ROOT / name for name in _PAGES), *sorted((ROOT / "docs").rglob("*.md"))]
    for page in pages:
        write_page(source, page, pages, repository)
    for picture in (ROOT / "docs").iterdir():
        if picture.suffix in _PICTURES:
            shutil.copy(picture, source / "docs")
    _write(source / "index.md", _text(HERE / "index.md").replace(_CONTENTS, _contents()))
    _write(source / "api.md", _text(HERE / "api.md"))
    for decision in (source / "docs" / "decisions").glob("[0-9]*.md"):
        # Their table lists them: in the list beside each page they would be half of it.
        _write(decision, f"---\norphan: true\n---\n\n{_text(decision)}")


def write_page(source: Path, page: Path, pages: list[Path], repository: str = "") -> None:
    """Write a page into the source of a build that has these pages."""
    _write(source / page.relative_to(ROOT), _with_links(page, pages, repository))


def _with_links(page: Path, pages: list[Path], repository: str) -> str:
    """Return the text of a page, without links to files that are not part of the site."""

    def replaced(link: re.Match[str]) -> str:
        title, path = link[1], link[2].partition("#")[0]
        target = (page.parent / path).resolve()
        # What does not exist stays a link, for Sphinx to refuse.
        if not path or "://" in path or path.startswith("mailto:") or target in pages or not target.exists():
            return link[0]
        return f"[{title}]({repository}/{target.relative_to(ROOT).as_posix()})" if repository else title

    parts = _FENCE.split(_text(page))
    return "".join(part if part.startswith("```") else _LINK.sub(replaced, part) for part in parts)


def _contents() -> str:
    """Return the lists of pages beside the text, in the order of the sections."""
    listed = ["README", *_LISTED.findall(_text(ROOT / "README.md"))]
    others = [name.removesuffix(".md") for name in _PAGES]
    return "\n".join(
        _toctree(title, documents, "hidden") for title, documents in sections([*listed, *others]) if documents
    )


def _toctree(caption: str, documents: list[str], *options: str) -> str:
    words = [f":{option}:" for option in options] + ([f":caption: {caption}"] if caption else [])
    return "\n".join(["```{toctree}", *words, "", *documents, "```", ""])


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(builders=tuple(sys.argv[1:]) or BUILDERS))
