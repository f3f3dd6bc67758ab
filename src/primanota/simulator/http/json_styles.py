"""The last touch on an answer: order of keys and form of numbers, then bytes."""

from collections.abc import Collection
from random import Random
from typing import cast

import msgspec

from primanota.simulator.data.company import Json
from primanota.simulator.data.identifiers import dice

_DOCUMENTED = ("current_page", "next_page", "prev_page", "total_pages", "total_count", "per_page")


def written_out(answer: Json, switches: Collection[str], number: int) -> bytes:
    """The JSON of an answer to request `number`, in the form that the switches ask for."""
    if isinstance(meta := answer.get("meta"), dict):
        answer = _placed(answer, meta, switches)
    if "meta-shuffled" in switches:
        answer = cast("Json", _shuffled(answer, dice(0, number)))
    if "whole-numbers-bare" in switches and number % 2:
        answer = cast("Json", _bare(answer))
    raw = msgspec.json.encode(answer)
    return raw.replace(b"&", rb"\u0026") if "ampersand-escaped" in switches else raw


def _placed(answer: Json, meta: Json, switches: Collection[str]) -> Json:
    """`meta` where and as the switches want it."""
    if "next-page-missing" in switches:
        meta = {key: value for key, value in meta.items() if key not in {"next_page", "prev_page"}}
    if "meta-last" in switches:
        meta = {key: meta[key] for key in _DOCUMENTED if key in meta}
        return {key: value for key, value in answer.items() if key != "meta"} | {"meta": meta}
    return answer | {"meta": meta}


def _shuffled(value: object, rng: Random) -> object:
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, list):
        return [_shuffled(one, rng) for one in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    rng.shuffle(keys)
    return {key: _shuffled(value[key], rng) for key in keys}


def _bare(value: object) -> object:
    """The same JSON with 56 in place of 56.0."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value
