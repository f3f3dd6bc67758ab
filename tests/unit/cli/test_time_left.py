"""The time that a reading still takes."""

import pytest

from primanota.banks.qonto.http.rates import Rate, RateLimiter
from primanota.cli.terminal.progress import time_text
from primanota.cli.terminal.time_left import TimeLeft


class _Reading:
    """A reading of pages on a clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.left = TimeLeft(lambda: self.now)

    def read(self, pages: int, seconds_each: float) -> None:
        for _ in range(pages):
            self.now += seconds_each
            self.left.page()


def test_nothing_is_said_too_early() -> None:
    """No time is said before a second and some pages have passed: it would be a guess."""
    reading = _Reading()
    reading.read(7, 1.0)
    assert reading.left.seconds(100) is None
    fast = _Reading()
    fast.read(100, 0.001)
    assert fast.left.seconds(100) is None


def test_the_last_pages_tell_the_speed() -> None:
    """After the bank has become slower, the time is that of its present speed."""
    reading = _Reading()
    reading.read(1_000, 0.01)
    assert reading.left.seconds(100) == pytest.approx(1)
    reading.read(600, 1.0)
    assert reading.left.seconds(100) == pytest.approx(100)


def test_the_limit_of_the_bank_counts_from_the_first_page_on() -> None:
    """Of many pages the first thousand are quick; the time of all is what the bank's limit allows."""
    reading = _Reading()
    limiter = RateLimiter([Rate(950, 10), Rate(9_500, 600)], lambda: reading.now)
    reading.left.seconds_until = limiter.seconds_until
    for _ in range(800):
        limiter.reserve()
        reading.read(1, 0.002)
    assert reading.left.seconds(9_000) == pytest.approx(600, abs=5)


@pytest.mark.parametrize(
    ("language", "short", "long"),
    [
        ("en_GB.UTF-8", "about 13 s left", "about 2 min left"),
        ("de_DE.UTF-8", "noch etwa 13 s", "noch etwa 2 min"),
        ("fr_FR.UTF-8", "encore 13 s environ", "encore 2 min environ"),
    ],
)
def test_the_time_is_said_in_words(monkeypatch: pytest.MonkeyPatch, language: str, short: str, long: str) -> None:
    """The time is said in the terminal's language, rounded up; nothing is said where it is not known."""
    monkeypatch.setenv("PRIMANOTA_LANGUAGE", language)
    assert (time_text(12.3), time_text(91), time_text(None), time_text(0)) == (short, long, "", "")
