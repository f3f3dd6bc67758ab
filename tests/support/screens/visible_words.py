"""The words of a page that a person sees or hears, from its HTML."""

from collections.abc import Iterator
from html.parser import HTMLParser

# What they have is code, or is no text.
_NOT_READ = {"code", "kbd", "pre", "script", "style", "svg"}
_SPOKEN = {"aria-label", "title", "alt", "placeholder", "data-label", "data-waiting"}
_EMPTY = {"meta", "link", "input", "br", "hr", "img"}


class _Reader(HTMLParser):
    """Collects texts, save those of code and those that are marked as another language."""

    def __init__(self, *, reads_code: bool) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._left_out: list[bool] = []
        self._not_read = {"script", "style"} if reads_code else _NOT_READ

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether the texts of an element are left out, and collect its attributes."""
        named = dict(attrs)
        is_left_out = any(self._left_out) or tag in self._not_read or ("lang" in named and tag != "html")
        if not is_left_out:
            self.texts += [value for name, value in attrs if name in _SPOKEN and value]
        if tag not in _EMPTY:
            self._left_out.append(is_left_out)

    def handle_endtag(self, _: str) -> None:
        """Leave an element."""
        if self._left_out:
            self._left_out.pop()

    def handle_data(self, data: str) -> None:
        """Collect a text."""
        if data.strip() and not any(self._left_out):
            self.texts.append(" ".join(data.split()))


def visible_texts(html: str) -> Iterator[str]:
    """Yield each text of a page in its own language, code left out."""
    reader = _Reader(reads_code=False)
    reader.feed(html)
    yield from reader.texts


def visible_text(html: str) -> str:
    """Return all texts of a page, one after the other."""
    reader = _Reader(reads_code=True)
    reader.feed(html)
    return " ".join(reader.texts)
