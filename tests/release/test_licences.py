"""The licences of what the program loads."""

import pytest
from release.licences import PAGE, licences, page, refused

pytestmark = pytest.mark.slow


def test_every_licence_is_allowed_and_on_the_page() -> None:
    """Each library has a licence that the project allows, and docs/licences.md is what “make licences” writes."""
    found = licences()
    assert refused(found) == []
    assert PAGE.read_text(encoding="utf-8") == page(found), "run: make licences"


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND GPL-2.0-only", "unknown", "", "AGPL-3.0-or-later OR Proprietary", "SSPL"]
)
def test_another_licence_is_refused(licence: str) -> None:
    """A library under another licence, also beside an allowed one, is named with its licence."""
    assert refused({"fine": "MIT", "other": licence}) == [
        f"other is under “{licence}”, which release/licences.py does not allow."
    ]


@pytest.mark.parametrize("licence", ["GPL-3.0-only OR MIT", "Apache Software License; BSD License", "MIT"])
def test_a_choice_or_two_allowed_ones_pass(licence: str) -> None:
    """Of alternatives one must be allowed; of several that count together, all."""
    assert refused({"library": licence}) == []
