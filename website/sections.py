"""The order of the site's pages: those that README.md lists, in sections. A page that is in none comes last."""

from collections.abc import Iterable, Iterator

# By the names of the pages below docs/.
SECTIONS = {
    "The week": ("weekly", "guide", "import", "page", "close", "receipts", "papers", "mail", "proof"),
    "Accounting tools": ("profiles", "lexware", "own-profile", "accounts", "formats", "add-a-tool"),
    "Reference": ("commands", "configuration", "places", "book", "languages", "glossary"),
    "Automatic": ("schedule", "aws", "docker", "many-organisations", "fleet", "oauth"),
    "For programs": ("library", "simulator"),
    "Trust": ("security", "reliability", "performance", "dependencies", "licences", "releasing"),
}
_REST = "More"


def sections(listed: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the title and the documents of each section.

    Args:
        listed: the documents that README.md lists, such as ``docs/weekly`` or ``CHANGELOG``.
    """
    rest = list(dict.fromkeys(listed))
    for title, names in SECTIONS.items():
        found = [name for name in (f"docs/{one}" for one in names) if name in rest]
        rest = [name for name in rest if name not in found]
        yield title, [*found, *(["api"] if title == "For programs" else [])]
    yield _REST, rest
