"""What the environment says about the terminal: its language, and whether colours are wanted."""

import locale
import os
import sys

_LANGUAGES = ("PRIMANOTA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """Return the language of the terminal, such as ``de-DE``; English where it has none, or the locale C.

    Windows sets none of the variables: there it is the language of the user's desktop.
    """
    chosen = next((value for name in _LANGUAGES if (value := os.environ.get(name))), None)
    if chosen is None:
        chosen = locale.windows_locale.get(desktop_language() or 0, "en")
    return chosen.partition(".")[0].partition("@")[0].replace("_", "-")


def desktop_language() -> int | None:
    """Return the number that Windows gives the language of the user's desktop; None on any other system."""
    if sys.platform != "win32":
        return None
    import ctypes

    return int(ctypes.windll.kernel32.GetUserDefaultUILanguage())


def chosen_language() -> str:
    """Return the language that the user has set; empty where it follows the locale."""
    return os.environ.get("PRIMANOTA_LANGUAGE", "")


def has_desktop() -> bool:
    """Return whether a browser with a window can be opened: one in the terminal would take that over."""
    named = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
    return named or sys.platform in {"win32", "darwin"}


def wants_colours() -> bool:
    """Return whether a terminal shows colours, and its user wants them: see https://no-color.org/."""
    usual = "" if os.name == "posix" else "windows"
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM", usual) not in {"", "dumb", "unknown"}
