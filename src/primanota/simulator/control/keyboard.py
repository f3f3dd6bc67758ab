"""The control by keys at the simulator's terminal, while it is in the foreground."""

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from primanota.simulator.control.actions import Given, SimulatorControl

try:
    import termios
    import tty
except ImportError:  # Windows has no such terminals
    HAS_KEYS = False
else:
    HAS_KEYS = True

_POLL = 0.2  # seconds between two looks at whether the simulator has ended
KEYS: dict[str, tuple[str, str, Given]] = {
    "h": ("an hour passes", "hours", {}),
    "d": ("a day passes", "days", {}),
    "w": ("a week passes", "days", {"n": ["7"]}),
    "a": ("three transactions arrive", "arrive", {"n": ["3"]}),
    "s": ("the latest pending one settles", "settle", {}),
    "r": ("the latest pending one is released", "release", {}),
    "x": ("the latest pending one disappears", "disappear", {}),
    "c": ("the latest completed one changes", "change", {}),
}
HELP = "Keys: " + "; ".join(f"{key} {what}" for key, (what, _, _) in KEYS.items()) + "; ? this help."


def press(control: SimulatorControl, key: str) -> str | None:
    """Carry out the action of a key. Returns what to say, or None if the key has no meaning."""
    if key == "?":
        return HELP
    if key not in KEYS:
        return None
    what, action, given = KEYS[key]
    try:
        done = control.act(action, given)
    except ValueError as error:
        return f"{error}."
    return f"{done['now']}: {what}."


@contextmanager
def keys(control: SimulatorControl, say: Callable[[str], None]) -> Iterator[None]:
    """Read keys while the block runs, if stdin is a terminal. `say` prints a line."""
    if not HAS_KEYS or not sys.stdin.isatty():
        yield
        return
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    ended = threading.Event()
    reader = threading.Thread(target=_read, args=(control, say, terminal, ended), daemon=True)
    if _in_foreground(terminal):
        tty.setcbreak(terminal, termios.TCSADRAIN)  # before a key can be pressed, so that it is not shown
    say(HELP)
    reader.start()
    try:
        yield
    finally:
        ended.set()
        reader.join()
        if _in_foreground(terminal):
            with suppress(termios.error):  # the terminal was closed
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _in_foreground(terminal: int) -> bool:
    """Return whether this process may read the terminal; reading in the background would stop it."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it is not the controlling terminal, so it has no background
        return True


def _read(control: SimulatorControl, say: Callable[[str], None], terminal: int, ended: threading.Event) -> None:
    """Carry out keys until the block has ended or the terminal is closed."""
    with suppress(OSError, termios.error):
        while not ended.is_set():
            if not _in_foreground(terminal):
                ended.wait(_POLL)
                continue
            tty.setcbreak(terminal, termios.TCSADRAIN)  # again after each stay in the background
            readable, _, _ = select.select([terminal], [], [], _POLL)
            if not readable:
                continue
            if not (key := os.read(terminal, 1)):
                return
            if said := press(control, key.decode("ascii", "replace")):
                say(said)
