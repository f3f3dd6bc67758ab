"""Put the bill of materials into the distributions, where ``release.distributions`` has written one.

A build from a plain clone has none: it would say what is in ``uv.lock``, which pip does not install from.
"""

from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BILL: Final = "primanota.cdx.json"


class BillOfMaterialsHook(BuildHookInterface[BuilderConfig]):
    """Add the bill of materials: to the sdist as a file, to the wheel as its ``sboms`` (PEP 770)."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the bill in ``build_data`` if it lies beside ``pyproject.toml``, except in an editable install."""
        bill = Path(self.root) / BILL
        if not bill.is_file() or version == "editable":
            return
        if self.target_name == "wheel":
            build_data["sbom_files"].append(BILL)
        else:
            build_data["force_include"][str(bill)] = BILL
