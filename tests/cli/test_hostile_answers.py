"""Answers that a bank, or a gateway before it, should never give: each command ends soon, with a sentence."""

import json
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

import httpx2
import pytest
import stamina

from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.banks.qonto.http.rates import RateLimiter
from primanota.simulator import Simulator
from tests.support.banks.altered_bank import AlteredBank, Pieces, files_in
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal
from tests.support.servers.trickling_server import TRICKLES, trickling

# Enough to read four accounts three times, each in three orders and with four attempts.
_SOON = 1_000
# The organisation and its three lists are asked for side by side.
_FIRST_ROUND = 4


@pytest.fixture
def bank(clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[AlteredBank]:
    """Return a small company whose bank a test can alter."""
    with Simulator(size=30, clock=clock) as simulator:
        monkeypatch.setenv("PRIMANOTA_API_URL", LOOPBACK)
        monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
        monkeypatch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
        yield AlteredBank(simulator, clock, capsys)


class _Seconds:
    """A clock that goes on by 15 seconds whenever it is read."""

    now = 0.0

    def __call__(self) -> float:
        self.now += 15
        return self.now


def _options(monkeypatch: pytest.MonkeyPatch, **more: object) -> None:
    """Give each client of the bank more options."""
    made = Client.__init__

    def with_more(self: Client, *words: object, **options: object) -> None:
        made(self, *words, **options | more)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "__init__", with_more)


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


@pytest.mark.parametrize(
    "body",
    [
        lambda: httpx2.Response(200, stream=Pieces(repeat(b" " * 65_536))),
        lambda: httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(iter([_bomb()]))),
        lambda: httpx2.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(repeat(b"x"))),
        lambda: httpx2.Response(200, headers={"Content-Encoding": "zstd"}, stream=Pieces(repeat(b"x"))),
    ],
    ids=["endless", "gzip bomb", "no gzip", "another compression"],
)
@pytest.mark.parametrize("path", ["/v2/organization", "/v2/transactions", "/v2/labels"])
def test_a_body_without_an_end(bank: AlteredBank, path: str, body: Callable[[], httpx2.Response]) -> None:
    """A body that never ends, or becomes huge when it is unpacked, is not proven (exit code 6), in a sentence."""
    bank.alter = lambda request, answer: body() if request.url.path == path else answer
    result = bank.run("sync")
    assert result.code == 6
    assert "mistake" not in result.err
    bank.alter = lambda _, answer: answer
    assert bank.run("sync").code == 0


@pytest.mark.parametrize(
    "words", [("sync",), ("run", "generic", "--period", "2026"), ("check",), ("get", "/v2/labels")]
)
def test_a_body_that_comes_byte_by_byte(
    bank: AlteredBank, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A body whose bytes come one by one, each in time, is left when the request's time is over."""
    assert bank.run("sync").code == 0
    _options(monkeypatch, clock=_Seconds())
    bank.alter = lambda *_: httpx2.Response(200, stream=Pieces(repeat(b" ")))
    result = bank.run(*words)
    assert result.code == 5
    assert "could not be reached" in result.err


def test_a_wait_of_a_day_is_refused(bank: AlteredBank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that wants to be asked again tomorrow is not waited for."""
    waits: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", waits.append)
    bank.alter = lambda *_: httpx2.Response(429, headers={"Retry-After": "86400"})
    with stamina.set_testing(testing=False):
        result = bank.run("sync")
    assert (result.code, waits) == (5, [])
    assert bank.requests <= _FIRST_ROUND
    assert "429" in result.err


@pytest.mark.parametrize(("begin", "again"), TRICKLES.values(), ids=TRICKLES)
def test_a_server_that_trickles(
    bank: AlteredBank, monkeypatch: pytest.MonkeyPatch, begin: bytes, again: bytes
) -> None:
    """Endless headers, chunks, or interim answers (100 Continue) end with the request's time, with exit code 5."""
    _options(monkeypatch, limits=TimeLimits(run=60, request=0.3, attempt=0.2, wait=0.1), transport=None)
    with trickling(begin, again) as url:
        monkeypatch.setenv("PRIMANOTA_API_URL", url)
        result = bank.run("sync")
    assert result.code == 5
    assert "could not be reached" in result.err


@pytest.mark.parametrize("count", [10**6, 10**8, 2**53, 2**64, 2**70])
@pytest.mark.parametrize("path", ["/v2/transactions", "/v2/labels", "/v2/bank_accounts"])
def test_a_count_that_is_far_too_large(bank: AlteredBank, path: str, count: int) -> None:
    """A list that says it has millions of rows is left at the first page that contradicts it."""

    def change(data: Any) -> None:  # noqa: ANN401 - any JSON value
        data["meta"]["total_count"] = count

    bank.alter_json(path, change)
    result = bank.run("sync")
    assert result.code == 6, result.err
    assert bank.requests < _SOON, result.err
    bank.alter = lambda _, answer: answer
    assert bank.run("sync").code == 0


@pytest.mark.parametrize("key", ["", "x" * 70_000])
@pytest.mark.parametrize(
    ("path", "place"), [("/v2/organization", "organization"), ("/v2/bank_accounts", ""), ("/v2/labels", "")]
)
def test_an_id_that_nothing_can_have(bank: AlteredBank, path: str, place: str, key: str) -> None:
    """An account or a label whose id is empty, or too long to ask for, is not proven (exit code 6)."""

    def change(data: Any) -> None:  # noqa: ANN401 - any JSON value
        rows = data[place]["bank_accounts"] if place else data[path.removeprefix("/v2/")]
        rows[-1]["id"] = key

    bank.alter_json(path, change)
    result = bank.run("sync")
    assert (result.code, "length" in result.err) == (6, True), result.err


@pytest.mark.parametrize("words", [{}, {"errors": [{"code": "invalid_parameter", "detail": "includes is unknown"}]}])
@pytest.mark.parametrize("status", [400, 422])
def test_a_bank_that_refuses_every_query(bank: AlteredBank, status: int, words: dict[str, object]) -> None:
    """A bank that refuses each query, however small it is, is neither asked for ever nor taken for empty."""
    bank.alter = lambda request, answer: (
        httpx2.Response(status, json=words) if request.url.path == "/v2/transactions" else answer
    )
    for command in ("sync", "check"):
        result = bank.run(command)
        assert result.code == 6
        assert bank.requests < _SOON


@pytest.mark.parametrize("status", [400, 422])
def test_a_bank_that_refuses_to_count(bank: AlteredBank, status: int) -> None:
    """``check`` does not take an account for counted that the bank refuses to count."""
    assert bank.run("sync").code == 0
    bank.alter = lambda request, answer: (
        httpx2.Response(status, json={}) if request.url.params.get("per_page") == "1" else answer
    )
    result = bank.run("check")
    assert (result.code, "refuses to count" in result.err) == (6, True)


def test_a_bank_that_announces_pages_and_refuses_them(bank: AlteredBank, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank that announces thousands of pages of each query, and refuses most of them, is not asked for ever."""
    monkeypatch.setattr(RateLimiter, "reserve", lambda _: 0.0)  # it would wait for the bank's rate

    def change(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path != "/v2/transactions":
            return answer
        if request.url.params["page"] != "1":
            return httpx2.Response(422, json={"errors": [{"code": "invalid_parameter", "detail": "too far"}]})
        data = json.loads(answer.read())
        data["meta"] |= {"total_count": max(data["meta"]["total_count"], 5_000), "per_page": 1}
        return httpx2.Response(200, json=data)

    bank.alter = change
    result = bank.run("sync")
    assert result.code == 6
    assert bank.requests < 2 * _SOON, bank.requests
    bank.alter = lambda _, answer: answer
    assert bank.run("sync").code == 0


_FLAWS: dict[str, dict[str, Any]] = {
    "the year 9999": {"emitted_at": "9999-12-31T23:59:59.999Z"},
    "the year 1": {"emitted_at": "0001-01-01T00:00:00Z"},
    "an odd currency": {"currency": "\x1b[31m"},
    "an odd foreign currency": {"local_currency": "€", "local_amount": 5},
    "a foreign amount that is no number": {"local_currency": "USD", "local_amount": "NaN"},
    "a long text": {"label": "x" * 140_000},
    "a long note": {"note": "é" * 140_000},
}


@pytest.mark.parametrize("flaw", _FLAWS.values(), ids=_FLAWS)
def test_a_value_that_no_file_can_carry(bank: AlteredBank, tmp_path: Path, flaw: dict[str, Any]) -> None:
    """A row with such a value is kept, its account is not proven, and the other accounts are exported."""
    _, savings, *_ = bank.simulator.bank.account_ids()
    (key,) = bank.simulator.bank.arrive(1, savings)
    bank.alter_row(key, **flaw)
    assert bank.run("sync").code == 6
    data = bank.run("sync", "--json").data
    assert [one["proven"] for one in data["accounts"][:2]] == [True, False]
    for profile in ("jsonl", "generic", "excel"):
        folder = tmp_path / profile
        result = bank.run("export", profile, "--period", "2026", "--account", "Hauptkonto", "--to", str(folder))
        assert result.code == 0
        assert list(folder.iterdir())
    unproven = bank.run("export", "jsonl", "--period", "2026", "--allow-unproven", "--to", str(tmp_path / "all"))
    assert unproven.code in {0, 6, 7}
    assert bank.run("review").code == 0
    bank.alter = lambda _, answer: answer
    assert bank.run("sync").code == 0
    assert bank.run("export", "jsonl", "--period", "2026", "--to", str(tmp_path / "right")).code == 0
    assert key in files_in(tmp_path / "right")


def test_a_key_to_which_no_account_is_shown(bank: AlteredBank, tmp_path: Path) -> None:
    """A bank that shows no account is not taken for one where nothing is new; an account in the book is read on."""
    shown = ("/v2/organization", "/v2/bank_accounts")

    def without_accounts(request: httpx2.Request, answer: httpx2.Response) -> httpx2.Response:
        if request.url.path not in shown:
            return answer
        data = json.loads(answer.read())
        data.get("organization", data)["bank_accounts"] = []
        data["meta"] = {"current_page": 1, "total_count": 0}
        return httpx2.Response(200, json=data)

    bank.alter = without_accounts
    for words in (("sync",), ("run", "jsonl", "--new", "--since", "2026-01-01", "--to", str(tmp_path / "files"))):
        result = bank.run(*words)
        assert (result.code, "no account" in result.err) == (6, True)
    bank.alter = lambda _, answer: answer
    assert bank.run("sync").code == 0
    (key,) = bank.simulator.bank.arrive(1)
    bank.alter = without_accounts
    assert bank.run("sync").code == 0
    assert bank.run("export", "jsonl", "--period", "2026", "--to", str(tmp_path / "files")).code == 0
    assert key in files_in(tmp_path / "files")


@pytest.mark.parametrize("period", ["2026", "June 2026", "13-2026", "2026-13", ""])
def test_a_statement_of_no_month(bank: AlteredBank, period: str) -> None:
    """A statement whose month cannot be read is an error, and not one that the bank does not have."""
    assert bank.run("sync").code == 0
    bank.alter_json("/v2/statements", lambda data: data["statements"][0].update(period=period))
    result = bank.run("statements")
    assert (result.code, result.out, "is not a month" in result.err) == (6, "", True)


def test_a_wrong_month_of_a_statement_does_not_stay(bank: AlteredBank) -> None:
    """A month that the bank states wrong once is that of the statement only until the bank states the right one."""
    assert bank.run("sync").code == 0

    def of_one_month(data: Any) -> None:  # noqa: ANN401 - any JSON value
        for one in data["statements"]:
            one["period"] = "06-2026"

    bank.alter_json("/v2/statements", of_one_month)
    bank.run("statements")
    assert bank.run("check").code == 6
    bank.alter = lambda _, answer: answer
    assert bank.run("statements").code == 0
    assert bank.run("check").code == 0


def test_a_row_in_another_currency_than_its_account(bank: AlteredBank, tmp_path: Path) -> None:
    """A row that is not in its account's currency is in no file, by name, until the bank has corrected it."""
    (key,) = bank.simulator.bank.arrive(1)
    bank.alter_row(key, currency="USD", local_currency="USD")
    bank.run("sync")
    words = ("export", "jsonl", "--period", "2026", "--to", str(tmp_path / "files"))
    result = bank.run(*words)
    assert (result.code, key in result.err, "sync --full" in result.err) == (6, True, True)
    assert files_in(tmp_path / "files") == ""
    bank.alter = lambda _, answer: answer
    assert bank.run("sync", "--full").code == 0
    assert bank.run(*words).code == 0
    assert key in files_in(tmp_path / "files")


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1e999999", -1, 2**70])
def test_vat_that_is_no_number(bank: AlteredBank, tmp_path: Path, value: object) -> None:
    """A rate or an amount of VAT that cannot be one does not keep a row from being exported."""
    (key,) = bank.simulator.bank.arrive(1)
    items = [{"rate": value, "amount_cents": value, "amount_excluding_vat_cents": value}]
    bank.alter_row(key, vat_rate=value, vat_amount_cents=value, vat_details={"items": items})
    assert bank.run("sync").code == 0
    assert bank.run("export", "jsonl", "--period", "2026", "--to", str(tmp_path / "files")).code == 0
    assert key in files_in(tmp_path / "files")
    assert bank.run("review").code == 0


@pytest.mark.parametrize("status", ["\x1b]0;owned\x07", "\u202egnp", "one\nError: two", "x" * 140_000])
def test_a_status_that_a_terminal_would_obey(bank: AlteredBank, status: str) -> None:
    """An unknown status is never printed so that a terminal obeys it."""
    (key,) = bank.simulator.bank.arrive(1)
    bank.alter_row(key, status=status)
    for words in (("sync",), ("sync", "--json"), ("review",), ("check",), ("sync", "--full")):
        result = bank.run(*words)
        assert result.code in {0, 6}
        assert "\nError: two" not in result.out + result.err
        assert (result.out + result.err).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    "words",
    [("--until", "9999-12-30"), ("--since", "0001-01-01"), ("--since", "0001-01-01", "--until", "9999-12-31")],
)
def test_the_ends_of_the_calendar(desk: Terminal, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Days at the ends of the calendar are taken, or refused in a sentence; all rows are exported, or none."""
    (key,) = desk.arrive(1)
    given = words if "--since" in words else ("--since", "2016-01-01", *words)
    for command in (("export", "jsonl"), ("run", "jsonl")):
        folder = tmp_path / command[0]
        result = desk.run(*command, *given, "--to", str(folder))
        assert result.code in {0, 2}
        assert "mistake" not in result.err
        assert (key in files_in(folder)) if result.code == 0 else not folder.exists()
    assert desk.run("review", *given).code in {0, 2}


def test_a_gateway_that_repeats_the_key_in_a_page(bank: AlteredBank) -> None:
    """A web page instead of data that has the key in it does not bring the key into an output."""
    secret = bank.simulator.secret
    for status, kind in ((200, "text/html"), (403, "text/html"), (502, "text/plain"), (404, "application/json")):
        text = json.dumps({"message": f"Authorization: {bank.simulator.login}:{secret}"})
        answer = (status, {"Content-Type": kind}, text)
        bank.alter = lambda *_, answer=answer: httpx2.Response(answer[0], headers=answer[1], text=answer[2])
        for words in (("sync",), ("sync", "--json"), ("check", "--json"), ("get", "/v2/labels")):
            result = bank.run(*words)
            assert secret not in result.out + result.err
