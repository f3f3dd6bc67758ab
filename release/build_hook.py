"""Put the bill of materials and the man page into the distributions, if ``release.distributions`` has written them.

A build from a plain clone has neither: the bill would say what is in ``uv.lock``, which pip does not install from,
and the man page is made with Sphinx, which an installation does not need.
"""

from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BILL: Final = "primanota.cdx.json"
MAN_PAGE: Final = "primanota.1"
# Where it is installed, below the environment; “man” finds it there beside the program.
_MAN_PLACE: Final = f"share/man/man1/{MAN_PAGE}"


class WrittenFilesHook(BuildHookInterface[BuilderConfig]):
    """Add both: to the sdist as files, to the wheel as its ``sboms`` (PEP 770) and as data of the environment."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name in ``build_data`` what lies beside ``pyproject.toml``, except in an editable install."""
        written = [name for name in (BILL, MAN_PAGE) if Path(self.root, name).is_file()]
        if version == "editable":
            return
        if self.target_name != "wheel":
            build_data["force_include"] |= {f"{Path(self.root, name)}": name for name in written}
            return
        if BILL in written:
            build_data["sbom_files"].append(BILL)
        if MAN_PAGE in written:
            build_data["shared_data"][MAN_PAGE] = _MAN_PLACE
