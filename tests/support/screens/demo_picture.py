"""The picture of README.md: what ``primanota demo`` shows in a terminal, as an SVG without fonts of the network.

``make picture`` writes it: python -m tests.support.screens.demo_picture
"""

import re
import sys
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree as ET

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.support import environment
from tests.support.clock import NOON
from tests.support.screens.pseudo_terminal import converse, folder_of_known_length

PICTURE = Path(__file__).parents[3] / "docs" / "demo.svg"
_WIDTH = 112
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*|<!--.*?-->\s*", re.DOTALL)


def screen() -> str:
    """Return what the demo shows in a terminal, with its colours."""
    with folder_of_known_length() as folder:
        return _screen(folder)


def _screen(folder: Path) -> str:
    variables = environment.plain(
        COLUMNS=str(_WIDTH), TTY_INTERACTIVE="0", PYTHONPATH=str(PICTURE.parents[1])
    )  # without the bar, which is gone at the end
    program = (
        sys.executable,
        "-m",
        "tests.support.program_at",
        NOON.isoformat(),
    )  # it calls itself primanota
    done = converse(["demo"], [], variables, whole=True, program=program, folder=folder)
    assert done.code == 0, done.shown
    shown = done.shown.replace("\r\n", "\n").replace(f"{folder}/", "")
    return f"$ primanota demo\n{shown}"


def drawn(shown: str) -> str:
    """Return the picture of a screen."""
    console = Console(record=True, width=_WIDTH, file=StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown), soft_wrap=True)
    picture = console.export_svg(
        title="primanota demo", unique_id="demo", code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT)
    )
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


def words(picture: str) -> list[str]:
    """Return the words in a picture, in their order."""
    texts = (node.text or "" for node in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"))  # noqa: S314 - our own file
    return " ".join(texts).split()


if __name__ == "__main__":
    PICTURE.write_text(drawn(screen()), encoding="utf-8")
