"""What a tag must agree with."""

import re
from pathlib import Path

from release.version import faults

from primanota import __version__

ROOT = Path(__file__).parents[2]
GOOD = f"# Changes\n\n## {__version__} - 2026-11-29\n\n### Added\n"


def test_a_tag_of_the_version_with_its_section_is_published() -> None:
    """Version, tag and the first section of CHANGELOG.md agree."""
    assert faults(f"v{__version__}", GOOD) == []


def test_another_tag_or_no_section_is_refused() -> None:
    """Each difference is one sentence that says what to do."""
    assert len(faults("v99.0.0", GOOD)) == 1
    assert len(faults(f"v{__version__}", "# Changes\n\n## Unreleased\n\n" + GOOD)) == 1
    assert len(faults(__version__, "")) == 2


def test_the_version_stands_in_one_place() -> None:
    """pyproject.toml takes the version from the source; neither it nor the lock file repeats it."""
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    entry = re.search(r'name = "primanota"\n(.*)\n', (ROOT / "uv.lock").read_text(encoding="utf-8"))
    assert entry
    assert not entry.group(1).startswith("version")
