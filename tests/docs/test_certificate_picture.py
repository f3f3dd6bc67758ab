"""The picture of a certificate in docs/close.md is that of a certificate as it is made now."""

from PIL import Image

from tests.support.screens.certificate_picture import KEY, PICTURE, WORDS, certificate, fingerprint, words_of


def test_the_picture_is_true() -> None:
    """The invented company's certificate has the words of which the picture was drawn; “make picture” draws it."""
    words = WORDS.read_text(encoding="utf-8")
    assert words_of(certificate()) == words
    with Image.open(PICTURE) as picture:
        assert picture.info[KEY] == fingerprint(words)
    assert f"]({PICTURE.name})" in (PICTURE.parent / "close.md").read_text(encoding="utf-8")
