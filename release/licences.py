"""List the licences of all libraries that the program may load: ``python -m release.licences`` (“make licences”).

It writes docs/licences.md, and refuses a library whose licence is not in :data:`ALLOWED`.
"""

import json
import re
import subprocess
import sys
from typing import Final

from release.materials import BUNDLED
from release.uv import ROOT, run_uv

PAGE: Final = ROOT / "docs" / "licences.md"

# SPDX, or the name of a classifier where a library has no SPDX. LGPL: imported, replaceable, not changed.
ALLOWED: Final = (
    "Apache Software License",
    "Apache-2.0",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC License (ISCL)",
    "LGPL-3.0-only",
    "MIT",
    "MIT License",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Python Software Foundation License",
)
# What only Windows, macOS or a browser needs, and is not installed elsewhere; read from the libraries' pages on PyPI.
ELSEWHERE: Final = {"colorama": "BSD License", "httpx2-jsfetch": "BSD-3-Clause", "pywin32-ctypes": "BSD-3-Clause"}

HEAD: Final = """\
# Licences

Primanota is under the [MIT licence](../LICENSE). These libraries may be loaded while it runs, with all extras and on
every system; none is changed, and each is installed as its authors published it. `make licences` writes this page
from what is installed, and a test refuses a library whose licence is not one of these, or a page that is out of date.

Those under the LGPL (`fpdf2`; `psycopg` with the extra `fleet`) are imported and can be replaced by another version.

"""
BUNDLED_HEAD: Final = """
The wheel itself has these parts of others, which its bill of materials names as well:

"""


def needed() -> list[str]:
    """Return the names of all libraries that the program may load, on every system, from ``uv.lock``."""
    words = (
        "--no-default-groups",
        "--all-extras",
        "--no-hashes",
        "--no-emit-project",
        "--no-annotate",
        "--no-header",
    )
    exported = run_uv("export", "--quiet", "--locked", *words)
    return [name for line in exported.splitlines() if (name := re.split(r"[\[=; ]", line, maxsplit=1)[0])]


def licences() -> dict[str, str]:
    """Return the licence of each library that the program may load, by its name in small letters."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--packages", *needed()]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    installed = {_plain(row["Name"]): row["License"] for row in json.loads(found.stdout)}
    return {name: installed.get(_plain(name)) or ELSEWHERE.get(name, "unknown") for name in sorted(needed())}


def refused(found: dict[str, str]) -> list[str]:
    """Return a sentence for each library with a licence that is not allowed. Of alternatives one must be allowed."""
    return [
        f"{name} is under “{licence}”, which release/licences.py does not allow."
        for name, licence in found.items()
        if not _is_allowed(licence)
    ]


def page(found: dict[str, str]) -> str:
    """Return the page of licences as Markdown."""
    rows = [f"| `{name}` | {licence} |" for name, licence in found.items()]
    bundled = [f"| {part.name} {part.version} | {part.licence} |" for part in BUNDLED]
    return HEAD + _table(rows) + BUNDLED_HEAD + _table(bundled)


def _is_allowed(licence: str) -> bool:
    alternatives = licence.split(" OR ")
    return any(all(part.strip() in ALLOWED for part in re.split(r";| AND ", choice)) for choice in alternatives)


def _table(rows: list[str]) -> str:
    return "\n".join(["| library | licence |", "|---|---|", *rows]) + "\n"


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> int:
    """Write the page; print what is refused, and return 1 if anything is."""
    found = licences()
    PAGE.write_text(page(found), encoding="utf-8")
    sentences = refused(found)
    sys.stdout.writelines(f"{sentence}\n" for sentence in sentences)
    return 1 if sentences else 0


if __name__ == "__main__":
    sys.exit(main())
