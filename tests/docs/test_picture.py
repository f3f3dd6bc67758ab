"""The picture of README.md shows what the demo prints today."""

from pathlib import Path

from tests.support.screens.demo_picture import PICTURE, drawn, screen, words

README = Path(__file__).parents[2] / "README.md"


def test_the_picture_is_true() -> None:
    """The picture has each word that the demo shows in a terminal; ``make picture`` draws it anew."""
    picture = PICTURE.read_text(encoding="utf-8")
    shown = words(picture)
    assert shown == words(drawn(screen()))
    assert {"demo", "primanota-demo/demo.book", "Hauptkonto"} <= {*shown}
    assert f"](docs/{PICTURE.name})" in README.read_text(encoding="utf-8")


def test_the_picture_needs_no_network() -> None:
    """The picture names no file, font or script elsewhere."""
    picture = PICTURE.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not [word for word in ("http", "url(//", "<script", "@import", "font-face") if word in picture]
