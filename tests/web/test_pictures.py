"""The pictures of the page are those of the page as it is now."""

import pytest

from tests.support.screens.page_pictures import DOCS, SCREENS, WORDS, shown, words_of


def test_the_pictures_are_true() -> None:
    """Each pictured screen has the words that it had in the picture; ``make screens`` draws them anew."""
    with shown() as page:
        found = {name: words_of(page, path) for name, path in SCREENS.items()}
    assert found == {name: (WORDS / f"{name}.txt").read_text(encoding="utf-8") for name in SCREENS}


@pytest.mark.parametrize("name", SCREENS)
def test_each_picture_is_shown(name: str) -> None:
    """Each picture is in the documentation, with words for those who do not see it."""
    assert (DOCS / f"page-{name}.png").is_file()
    for text in ((DOCS / "page.md").read_text(encoding="utf-8"), (DOCS.parent / "README.md").read_text("utf-8")):
        assert f"page-{name}.png)" in text
