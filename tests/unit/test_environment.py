"""The tests are independent of the terminal, the locale and the settings of the person who runs them."""

import os
import time
from pathlib import Path

from tests.support import environment

_TESTS = Path(__file__).parents[1]
_STARTERS = {"environment.py", "pseudo_terminal.py"}


def test_the_environment_is_fixed() -> None:
    """The environment of a test has only the variables of ``environment.plain``."""
    assert os.environ.keys() == environment.plain().keys() | {"PYTEST_CURRENT_TEST"}
    assert (os.environ["TERM"], os.environ["LC_ALL"], os.environ["COLUMNS"]) == ("xterm-256color", "C.UTF-8", "80")
    assert time.tzname[0] == "UTC"


def test_homes_do_not_exist_yet() -> None:
    """The homes of the user and of the program do not exist at the start of a test."""
    assert not Path.home().exists()
    assert not Path(os.environ["PRIMANOTA_HOME"]).exists()


def test_programs_are_started_in_one_place() -> None:
    """Only helpers start programs, because a program started otherwise inherits the variables of the terminal."""
    words = ("subprocess.run(", "subprocess.Popen(", "**os.environ")
    others = (path for path in _TESTS.rglob("*.py") if path.name not in {*_STARTERS, Path(__file__).name})
    found = [str(path) for path in others if any(word in path.read_text(encoding="utf-8") for word in words)]
    assert found == []


def test_no_test_patches_default_arguments() -> None:
    """No test changes the default arguments of a function."""
    word = "__kw" + "defaults__"
    assert [str(path) for path in _TESTS.rglob("*.py") if word in path.read_text(encoding="utf-8")] == []
