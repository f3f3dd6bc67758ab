"""Remove secrets from texts that leave the process: terminal, JSON, log, mail, the book's log of runs.

Two kinds of secrets are removed: those that the process has read, in every form in which a server may repeat them,
and what looks like an API key that a person pasted in the wrong place.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import quote, quote_plus

_MASK = "…"
_SHORTEST = 4  # a shorter secret would take ordinary words apart
_SHORTEST_ENCODED = 8
# A server's message may be cut off within the secret: a beginning as long as this is removed as well.
_BEGINNING = 10
# The secrets that were read in this context: a command, or one event of a function.
_known: ContextVar[list[str] | None] = ContextVar("_known", default=None)

_QUOTES = "“”„\"'`<>"
# A login and a secret of at least 24 letters and digits, of both: in no other text of this program.
_KEY = re.compile(r"(?<![\w.-])([\w-][\w.-]*)(:|%3[Aa])(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{24,}(?!\w)", re.ASCII)
# A slug ends with a number; a day with a time is no slug, and a name of Amazon goes on with another colon.
_SLUG_AND_SECRET = re.compile(
    rf"(?:(?<![\w.-])|(?<=--))(?!\d{{4}}-\d\d-)([A-Za-z0-9][\w.]*-(?:[\w.]+-)*\d+)(:|%3[Aa])(?!\d{{1,5}}\b)[^\s:,{_QUOTES}]{{6,}}+(?!:)",
    re.ASCII,
)
_TOKEN = re.compile(r"(?<!\w)(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{32,}(?!\w|\.\w)", re.ASCII)
# Codes and tokens of Ory Hydra, by their beginning (Qonto docs: OAuth).
_OAUTH_TOKEN = re.compile(r"(?<![A-Za-z0-9])(ory_(?:ac|at|rt)_)[\w.~+/=-]{6,}", re.ASCII)
_HEADER = re.compile(
    r"((?:authorization|staging-token)[\"']?\s*[:=]\s*[\"']?)(?:(basic|bearer)\s+)?[^\s\"',;}]+", re.IGNORECASE
)
# A password in a URL, whatever its characters are: also one that makes the URL invalid.
_IN_URL = re.compile(r"(://[^\s/:@]*:)[^\s“”]+(?=@)")
# A key that was pasted as the name of an organisation, in a hint about its table.
_NAMED_TABLE = re.compile(r"(?<=organisation\.)(?=\w*\d)(?=\w*[A-Za-z])[0-9A-Za-z]{32,}(?!\w)", re.ASCII)
_SCHEME = re.compile(r"\b(basic|bearer)(\s+)(?=[\w+/=.~-]*\d)[\w+/=.~-]{8,}", re.IGNORECASE | re.ASCII)


def begin() -> None:
    """Begin a context whose secrets are remembered: a command, or an event of a function."""
    _known.set([])


@contextmanager
def remembering(secrets: Iterable[str]) -> Iterator[None]:
    """Remember secrets, and those that are read in this block, until its end; then those of before."""
    token = _known.set([*(_known.get() or ()), *secrets])
    try:
        yield
    finally:
        _known.reset(token)


def remember(secret: str) -> None:
    """Remember a secret, so that no text of this context shows it."""
    known = _known.get()
    if known is not None and secret not in known:
        known.append(secret)


def without_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without the secrets that are known, in any form. Everything else stays: it may be data.

    Args:
        text: any text that leaves the process.
        secrets: secrets besides those of this context.
    """
    for secret in sorted({*secrets, *(_known.get() or ())}, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = _without(secret, text)
    return text


def redacted(text: str) -> str:
    """Return a text of this program or of a server without secrets, without headers that carry one, without API keys.

    Not for data of the bank: a reference may have the form of a key.
    """
    text = _HEADER.sub(lambda found: f"{found[1]}{_MASK}", without_secrets(text))
    text = _OAUTH_TOKEN.sub(rf"\1{_MASK}", text)
    text = _IN_URL.sub(rf"\1{_MASK}", _SCHEME.sub(rf"\1\2{_MASK}", text))
    return _KEY.sub(rf"\1\2{_MASK}", text)


def redacted_error(text: str) -> str:
    """Return a text that may quote what a person typed, without everything that looks like a secret.

    It goes further than ``redacted``, which keeps long words of letters and digits: they may be a file's SHA-256.
    """
    text = _SLUG_AND_SECRET.sub(rf"\1\2{_MASK}", redacted(text))
    return _TOKEN.sub(_MASK, _NAMED_TABLE.sub(_MASK, text))


def is_key(word: str) -> bool:
    """Return whether a word looks like an API key that was pasted where another value belongs."""
    return redacted_error(word) != word


def _without(secret: str, text: str) -> str:
    for form in _forms(secret):
        text = text.replace(form, _MASK)
    beginning = secret[:_BEGINNING]
    if len(secret) >= 2 * _BEGINNING and beginning in text:
        text = _without_beginning(secret, text)
    return text


def _without_beginning(secret: str, text: str) -> str:
    """Return a text without the beginnings of a secret that was cut off."""
    start = 0
    while (start := text.find(secret[:_BEGINNING], start)) >= 0:
        end = start + _BEGINNING
        while end < len(text) and text[end] == secret[end - start]:
            end += 1
        text = f"{text[:start]}{_MASK}{text[end:]}"
    return text


@lru_cache(maxsize=64)
def _forms(secret: str) -> tuple[str, ...]:
    """Return the forms in which a text may contain a secret, longest first."""
    forms = {secret}
    if len(secret) >= _SHORTEST_ENCODED:
        quoted = (quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1])
        forms.update(quoted, (re.sub("%..", lambda found: found[0].lower(), one) for one in quoted))
        forms.update(_base64_forms(secret.encode()), (secret.encode().hex(), secret.encode().hex().upper()))
    return tuple(sorted(forms, key=len, reverse=True))


def _base64_forms(secret: bytes) -> Iterator[str]:
    """Yield the part of a base64 text that depends on the secret alone, whatever stands before and after it."""
    for before in range(3):
        padded = bytes(before) + secret
        first = -(-before * 8 // 6)
        last = len(padded) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[first:last]
