"""The JSON text of an answer: the order of keys and the form of numbers."""

from collections.abc import Collection
from random import Random
from typing import cast

import msgspec

from primanota.simulator.data.company import Json
from primanota.simulator.data.identifiers import seeded_random

_DOCUMENTED_META = ("current_page", "next_page", "prev_page", "total_pages", "total_count", "per_page")


def encode_answer(answer: Json, switches: Collection[str], request_number: int) -> bytes:
    """Return the JSON text of an answer in the form that the switches require."""
    if isinstance(meta := answer.get("meta"), dict):
        answer = _with_meta(answer, meta, switches)
    if "meta-shuffled" in switches:
        answer = cast("Json", _shuffle_keys(answer, seeded_random(0, request_number)))
    if "whole-numbers-bare" in switches and request_number % 2:
        answer = cast("Json", _whole_numbers_as_int(answer))
    raw = msgspec.json.encode(answer)
    return raw.replace(b"&", rb"\u0026") if "ampersand-escaped" in switches else raw


def _with_meta(answer: Json, meta: Json, switches: Collection[str]) -> Json:
    """Return the answer with `meta` in the place and the form that the switches require."""
    if "next-page-missing" in switches:
        meta = {key: value for key, value in meta.items() if key not in {"next_page", "prev_page"}}
    if "meta-last" in switches:
        meta = {key: meta[key] for key in _DOCUMENTED_META if key in meta}
        return {key: value for key, value in answer.items() if key != "meta"} | {"meta": meta}
    return answer | {"meta": meta}


def _shuffle_keys(value: object, rng: Random) -> object:
    """Return the same JSON with the keys of every object in random order."""
    if isinstance(value, list):
        return [_shuffle_keys(item, rng) for item in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    rng.shuffle(keys)
    return {key: _shuffle_keys(value[key], rng) for key in keys}


def _whole_numbers_as_int(value: object) -> object:
    """Return the same JSON with 56 instead of 56.0."""
    if isinstance(value, list):
        return [_whole_numbers_as_int(item) for item in value]
    if isinstance(value, dict):
        return {key: _whole_numbers_as_int(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
