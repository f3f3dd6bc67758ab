"""Random weeks of failures and crashes: afterwards every row was delivered exactly once."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primanota.adapters import mail
from primanota.adapters.storage.checkout import Checkout
from primanota.app.workspace import Workspace
from tests.support.books.weekly_world import PEOPLE, Firm, attached, opened
from tests.support.servers import s3_server
from tests.support.servers.s3_server import Cloud, every, refusing

cloud = s3_server.cloud


class Killed(BaseException):
    """The end of a killed process: an exception after which no further step of the process runs."""


class Death(NamedTuple):
    """The step at which a run is killed: before the step, or after it is done and before its result is recorded."""

    step: str
    turn: int
    before: bool


class Week(NamedTuple):
    """A run: the rows before it, what fails, where it is killed, and whether it is overtaken or doubled."""

    rows: int
    failing: str
    death: Death | None
    overtaken: bool
    doubled: bool


_STEPS: dict[str, tuple[Any, str]] = {
    "publish": (Checkout, "publish"),
    "upload": (Workspace, "upload"),
    "send": (mail, "send"),
}
_deaths = st.none() | st.builds(Death, st.sampled_from(sorted(_STEPS)), st.integers(1, 4), st.booleans())
_weeks = st.lists(
    st.builds(
        Week,
        st.integers(0, 4),
        st.sampled_from(["", "", "bank", "bucket", "mail", "book"]),
        _deaths,
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(weeks=_weeks)
def test_every_row_is_delivered_once(
    cloud: Cloud, tmp_path_factory: pytest.TempPathFactory, weeks: list[Week]
) -> None:
    """After any weeks of failed, killed, overtaken and doubled runs, each row is once in bucket and mails.

    Whether a mail was sent is unknown if its sender was killed; it is sent again with the same Message-ID, and so the
    mails are counted by Message-ID.
    """
    s3_server.emptied(cloud)
    start = datetime.fromisoformat("2026-01-05T06:00:00+00:00")
    with (
        opened(cloud, tmp_path_factory.mktemp("firm"), start, size=0) as firm,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
        for number, week in enumerate([*weeks, Week(0, "", None, overtaken=False, doubled=False)]):
            firm.simulator.bank.arrive(week.rows)
            firm.clock.advance(days=7)
            for _ in range(1 + week.doubled):
                with _faults(firm, week, patch):
                    firm.week(f"week {number}")
        letters = {str(one["Message-ID"]): attached(one) for one in firm.mails}
        mailed = Counter(row for rows in letters.values() for row in rows)
        assert Counter(firm.uploaded_rows) == mailed == Counter(firm.truth.items())


@contextmanager
def _faults(firm: Firm, week: Week, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a run fail and be killed as the week describes."""
    firm.line.cut = week.failing == "bank"
    firm.office.refused = dict.fromkeys(PEOPLE, "550 nobody here") if week.failing == "mail" else {}
    firm.cloud.fault = {"bucket": _closed("/files/"), "book": _closed("/books/")}.get(week.failing)
    with patch.context() as here:
        if week.overtaken:
            _overtake(firm, here)
        if week.death:
            _kill(week.death, here)
        with suppress(Killed):
            yield
    firm.line.cut, firm.office.refused, firm.cloud.fault = False, {}, None


def _closed(folder: str) -> s3_server.Fault:
    """Return a fault of the bucket: every request to one folder is refused."""
    refuse = every(refusing("403 Forbidden", "AccessDenied"))

    def fault(environ: s3_server.Environ, start: s3_server.Start, behind: s3_server.Application) -> Any:  # noqa: ANN401
        return refuse(environ, start, behind) if folder in environ["PATH_INFO"] else behind(environ, start)

    return fault


def _kill(death: Death, patch: pytest.MonkeyPatch) -> None:
    """Kill the process at a step: raise there, and at every step after it."""
    taken, dead = Counter[str](), list[str]()

    def killable(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*words: Any) -> Any:  # noqa: ANN401 - the signature of the wrapped step
            taken[name] += 1
            now = (name, taken[name]) == (death.step, death.turn)
            if dead or (now and death.before):
                dead.append(name)
                raise Killed
            done = step(*words)
            if now:
                dead.append(name)
                raise Killed
            return done

        return call

    for name, (owner, step) in _STEPS.items():
        patch.setattr(owner, step, killable(name, getattr(owner, step)))


def _overtake(firm: Firm, patch: pytest.MonkeyPatch) -> None:
    """Change the book with another run before it is published for the first time."""
    publish, untouched = Checkout.publish, [True]

    def late(ours: Checkout, settle: Callable[[], bytes]) -> bool:
        if untouched:
            untouched.clear()
            with firm.workspace().book(create=True) as book, book.run("somebody else"):
                pass
        return publish(ours, settle)

    patch.setattr(Checkout, "publish", late)
