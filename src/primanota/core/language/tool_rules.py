"""The rules of an accounting tool, in words of a language. Pure."""

from primanota.core.language.catalogue import Texts
from primanota.core.language.known_sentences import KnownSentences


class ToolRules(Texts, frozen=True):
    """The text of each rule, as ``KnownSentences`` recognises it."""

    never_empty: str
    currency: str
    zero_rows: str
    max_rows: str
    max_bytes: str
    fiscal_year: str
    together: str


_RULES = KnownSentences("tool_rules", ToolRules)


def tool_rule(rule: str, language: str) -> str:
    """Return a rule (``profiles.Rules.in_words``) in a language."""
    return _RULES.say(rule, language)
