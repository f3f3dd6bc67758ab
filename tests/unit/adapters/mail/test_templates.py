"""The templates of a mail: they have its form, and the catalogue has its words."""

import re
from pathlib import Path

import pytest

from primanota.adapters import mail

TEMPLATE_CODE = re.compile(r"\{[#%{].*?[#%}]\}|<[^>]*>|&\w+;", re.DOTALL)


@pytest.mark.parametrize("kind", ["txt", "html"])
def test_templates_have_no_words(kind: str) -> None:
    """A template contains no words; they are all in the catalogue."""
    template = Path(mail.__path__[0]) / "templates" / f"mail.{kind}"
    assert not re.findall(r"[^\W\d_]{2,}", TEMPLATE_CODE.sub(" ", template.read_text(encoding="utf-8")))
