"""The picture of a certificate in docs/close.md: that of the invented company's October, drawn by pdftoppm.

``make picture`` draws it, and writes down its words: python -m tests.support.screens.certificate_picture
"""

import hashlib
import io
import re
import zipfile
from functools import partial
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader

from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support import readers
from tests.support.banks.simulator_server import served, variables_of
from tests.support.clock import Clock
from tests.support.screens.pseudo_terminal import folder_of_known_length

PICTURE = Path(__file__).parents[3] / "docs" / "close-certificate.png"
WORDS = Path(__file__).parents[2] / "golden" / "close" / "certificate.txt"
# The name of the text in the picture that has the SHA-256 of its words.
KEY = "Words"
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_POINTS_PER_INCH = 60


def certificate() -> bytes:
    """Return the certificate of the invented company's main account, as ``primanota close`` makes it."""
    clock = Clock()
    with folder_of_known_length() as folder, Simulator(clock=clock) as simulator, served(simulator) as url:
        settings = config.load(variables_of(simulator, url, folder) | {"PRIMANOTA_RECEIPTS": "true"})
        workspaces = partial(Workspace, settings=settings, clock=clock)
        for words in (["sync"], ["close", "2026-10", "--for", "lexware", "--to", f"{folder / 'packs'}"]):
            assert main(words, lambda *_, **__: workspaces()) == 0
        (pack,) = (folder / "packs").iterdir()
        with zipfile.ZipFile(pack) as found:
            return found.read(next(name for name in found.namelist() if "hauptkonto" in name))


def words_of(page: bytes) -> str:
    """Return the words of a certificate; a book has a random token, so that no two chains are the same."""
    (found,) = PdfReader(io.BytesIO(page)).pages
    return f"{_HASH.sub('a hash', found.extract_text())}\n"


def fingerprint(words: str) -> str:
    """Return the SHA-256 of words, as the picture has it."""
    return hashlib.sha256(words.encode()).hexdigest()


def draw(page: bytes, picture: Path, folder: Path) -> None:
    """Draw a certificate, and note of which words the picture is."""
    pdf = folder / "page.pdf"
    pdf.write_bytes(page)
    readers.run("pdftoppm", "-png", "-singlefile", "-r", f"{_POINTS_PER_INCH}", f"{pdf}", f"{folder / 'page'}")
    noted = PngInfo()
    noted.add_text(KEY, fingerprint(words_of(page)))
    with Image.open(folder / "page.png") as drawn:
        drawn.convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(picture, pnginfo=noted, optimize=True)


if __name__ == "__main__":
    content = certificate()
    WORDS.write_text(words_of(content), encoding="utf-8")
    with folder_of_known_length() as temporary:
        draw(content, PICTURE, temporary)
