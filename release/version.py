"""Compare the version of the program with a tag and with CHANGELOG.md: ``python -m release.version v1.0.0``."""

import re
import sys
from pathlib import Path
from typing import Final

from primanota import __version__

CHANGELOG: Final = Path(__file__).parents[1] / "CHANGELOG.md"


def faults(tag: str, changes: str) -> list[str]:
    """Return a sentence for each reason not to publish ``tag``. ``changes`` is the text of CHANGELOG.md."""
    found = []
    if tag != f"v{__version__}":
        found.append(
            f"The tag is {tag}, but the program is {__version__}: set __version__ in src/primanota/__init__.py."
        )
    sections = re.findall(r"^## (\S+)", changes, re.MULTILINE)
    if not sections or sections[0] != __version__:
        found.append(f"The first section of CHANGELOG.md is not “{__version__} - YYYY-MM-DD”.")
    return found


if __name__ == "__main__":
    sentences = faults(sys.argv[1], CHANGELOG.read_text(encoding="utf-8"))
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    sys.exit(1 if sentences else 0)
