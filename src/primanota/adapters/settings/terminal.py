"""What the environment says about the terminal: its language, and whether colours are wanted."""

import os

_LANGUAGES = ("PRIMANOTA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """Return the language of the terminal, such as ``de-DE``; English where it has none, or the locale C."""
    chosen = next((value for name in _LANGUAGES if (value := os.environ.get(name))), "en")
    return chosen.partition(".")[0].replace("_", "-")


def chosen_language() -> str:
    """Return the language that the user has set; empty where it follows the locale."""
    return os.environ.get("PRIMANOTA_LANGUAGE", "")


def wants_colours() -> bool:
    """Return whether a terminal shows colours, and its user wants them: see https://no-color.org/."""
    usual = "" if os.name == "posix" else "windows"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", usual) not in {"", "dumb", "unknown"}
