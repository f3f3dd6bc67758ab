"""The server for the browser's answer to a consent: it takes the awaited answer, once, and nothing else."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from threading import Thread
from typing import NamedTuple

import pytest

from primanota.adapters.loopback import HOST, Callback
from primanota.banks.qonto.oauth.consent import Consent
from primanota.cli.texts.prompt_texts import PromptTexts
from primanota.core.errors import DeliveryFailed, ServiceUnavailable
from primanota.core.language.catalogue import LANGUAGES, load
from primanota.core.oauth import App

CONSENT = Consent.begin(App("id", None, "https://oauth.example"), "http://127.0.0.1:1/callback", lambda: "s" * 43)
RIGHT = f"/callback?code=ory_ac_1&state={CONSENT.state}"


class Awaited(NamedTuple):
    """A callback that waits, and what it has returned."""

    port: int
    found: list[str]

    def ask(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Return the status and the text of an answer; 0 if there was none."""
        connection = HTTPConnection(HOST, self.port, timeout=10)
        with closing(connection):
            try:
                connection.request(method, path, headers={"Host": f"{HOST}:{self.port}", **(headers or {})})
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (OSError, HTTPException):
                return 0, ""


@contextmanager
def _awaited(is_awaited: Callable[[str], bool], text: str = "Done.", language: str = "en") -> Iterator[Awaited]:
    with closing(Callback()) as callback:
        found: list[str] = []
        thread = Thread(target=lambda: found.append(callback.wait(is_awaited, text, language, 30)))
        thread.start()
        waiting = Awaited(int(callback.url.rpartition(":")[2].partition("/")[0]), found)
        yield waiting
        waiting.ask(RIGHT)
        thread.join()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_in_each_language(language: str) -> None:
    """The browser is shown that its window can be closed, in the language of the person, and without a script."""
    text = load("prompts", language, PromptTexts).login.arrived
    with _awaited(CONSENT.has_answer, text, language) as callback:
        status, page = callback.ask(RIGHT)
    assert (status, f'lang="{language}"' in page, text.split(".")[0] in page) == (200, True, True)
    assert callback.found == [RIGHT.partition("?")[2]]


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/callback?code=stolen", "GET", {}),
        ("/callback?code=stolen&state=", "GET", {}),
        ("/callback?code=stolen&state=ä", "GET", {}),
        (f"/callback?code=stolen&state={CONSENT.state[:-1]}", "GET", {}),
        (f"/callback/?code=x&state={CONSENT.state}", "GET", {}),
        (f"/?code=x&state={CONSENT.state}", "GET", {}),
        (RIGHT, "POST", {}),
        (RIGHT, "HEAD", {}),
        (RIGHT, "GET", {"Host": "evil.example"}),
    ],
)
def test_nothing_else_is_taken(path: str, method: str, headers: dict[str, str]) -> None:
    """Another state, path, verb or host gets an empty refusal, and the right answer still comes."""
    with _awaited(CONSENT.has_answer) as callback:
        status, page = callback.ask(path.replace("ä", "%C3%A4"), method, headers)
        assert (status in {404, 501}, page, callback.found) == (True, "", [])
    assert callback.found == [RIGHT.partition("?")[2]]


def test_an_answer_is_taken_once() -> None:
    """A second hit gets nothing, and the first one stays."""
    with _awaited(CONSENT.has_answer) as callback:
        assert callback.ask(RIGHT)[0] == 200
        assert callback.ask(f"/callback?code=other&state={CONSENT.state}") in {(0, ""), (404, "")}
    assert callback.found == [RIGHT.partition("?")[2]]


def test_a_silent_connection_does_not_keep_the_answer_waiting() -> None:
    """A connection on which a browser sends nothing does not keep another one waiting."""
    with _awaited(CONSENT.has_answer) as callback, socket.create_connection((HOST, callback.port)):
        assert callback.ask(RIGHT)[0] == 200


def test_the_wait_ends() -> None:
    """Without an answer in time there is an error that says what to do."""
    with (
        closing(Callback()) as callback,
        pytest.raises(ServiceUnavailable, match="has not brought an answer") as caught,
    ):
        callback.wait(CONSENT.has_answer, "", "en", 0.01)
    assert "--manual" in caught.value.hint


def test_a_port_that_is_taken() -> None:
    """A port that is in use is an error that names other ways."""
    with closing(socket.create_server((HOST, 0))) as taken, pytest.raises(DeliveryFailed, match="cannot be opened"):
        Callback(taken.getsockname()[1])
