"""Write the bill of materials (SBOM, CycloneDX 1.5) of the program: ``python -m release.materials FILE``.

uv exports it from ``uv.lock``: every library that the program may need, with its version and the hashes of its files.
Beside it come the parts of others that lie in the wheel itself (PEP 770). Its bytes depend on the lock file and on
those parts alone: the export's random serial number and its time are left out, which CycloneDX 1.5 allows.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

from primanota import __version__
from release.uv import ROOT, run_uv

EXPORT: Final = ("export", "--format", "cyclonedx1.5", "--locked", "--no-default-groups", "--all-extras", "--quiet")


class BundledPart(NamedTuple):
    """Name a part of somebody else that lies in the wheel: its files below the source, and its licence (SPDX)."""

    name: str
    version: str
    purl: str
    licence: str
    files: tuple[str, ...]


BUNDLED: Final = (
    BundledPart("htmx", "4.0.1", "pkg:npm/htmx.org@4.0.1", "0BSD", ("web/static/htmx-4.0.1.min.js",)),
    BundledPart(
        "Noto Sans",
        "2.004",
        "pkg:generic/noto-sans@2.004",
        "OFL-1.1",
        ("adapters/pdf/fonts/NotoSans-Regular.ttf", "adapters/pdf/fonts/NotoSans-Bold.ttf"),
    ),
)


def materials() -> str:
    """Return the bill of materials as JSON."""
    bill: dict[str, Any] = json.loads(run_uv(*EXPORT, "--preview-features", "sbom-export"))
    del bill["serialNumber"], bill["metadata"]["timestamp"]
    # The version is read from the source, so the lock file does not have it.
    bill["metadata"]["component"]["version"] = __version__
    bill["components"] += [_component(part) for part in BUNDLED]
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def _component(part: BundledPart) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
        "licenses": [{"license": {"id": part.licence}}],
        "components": [_file(name) for name in part.files],
    }


def _file(name: str) -> dict[str, Any]:
    path = ROOT / "src" / "primanota" / name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {"type": "file", "name": f"primanota/{name}", "hashes": [{"alg": "SHA-256", "content": digest}]}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(materials(), encoding="utf-8")
