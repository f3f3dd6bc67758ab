"""The man page alone, for the distributions: ``python -m website.man_page FILE``. Warnings are errors."""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sphinx.cmd.build import build_main

from website.build import HERE, ROOT, write_page

# The page that it is made of; the man page is the only document of this build.
_PAGE: Final = "docs/commands"


def main(target: Path) -> int:
    """Write the man page: the same bytes for the same page and version, on each day.

    Args:
        target: the file; one that is there is replaced.

    Returns:
        The exit code of Sphinx.
    """
    with TemporaryDirectory() as folder:
        source, output = Path(folder, "source"), Path(folder, "man")
        page = ROOT / f"{_PAGE}.md"
        write_page(source, page, [page])
        words = ["-W", "-q", "-c", str(HERE), "-D", f"root_doc={_PAGE}", "-b", "man"]
        if code := build_main([*words, str(source), str(output)]):
            return code
        shutil.copy(output / "primanota.1", target)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
