"""What the theme leaves out for people who use a keyboard or a screen reader, put into the pages after the build."""

import re
from pathlib import Path
from typing import Final

_CHANGES: Final = (
    # The captions of the list of pages are headings of a level.
    (re.compile(r'role="heading"(?! aria-level)'), 'role="heading" aria-level="2"'),
    # Two lists of links beside the text have names, as a screen reader tells them.
    (re.compile(r'<aside class="sidebar-drawer"'), '<aside aria-label="Pages" class="sidebar-drawer"'),
    (re.compile(r'<aside class="toc-drawer'), '<aside aria-label="On this page" class="toc-drawer'),
    # What is wider than its place can be scrolled by keyboard.
    (re.compile(r"<pre(?: tabindex=\"0\")?>"), '<pre tabindex="0">'),
    (re.compile(r'<div class="table-wrapper'), '<div tabindex="0" class="table-wrapper'),
    # The parameters of a long signature, one a line, are no list of terms.
    (re.compile(r"<dl>"), '<dl role="presentation">'),
    # What a script finds stands below a heading.
    (
        re.compile(r'(?<!</h1>)<div id="search-results">'),
        '<h1 class="visually-hidden">Search</h1><div id="search-results">',
    ),
    # A cell above a column without a title is not a heading.
    (re.compile(r'<th class="head">(?:<p></p>)?</th>'), '<td class="head"></td>'),
)


def improve(folder: Path) -> None:
    """Change every page of a built site."""
    for page in folder.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for pattern, replacement in _CHANGES:
            text = pattern.sub(replacement, text)
        page.write_text(text, encoding="utf-8")
