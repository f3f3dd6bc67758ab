"""Decode stored batches, also those of version 0.1, which have the fields ``path`` and ``copies``."""

from datetime import datetime
from pathlib import PurePath

import msgspec

from primanota.core.results import Batch, Delivery


class _Copy(msgspec.Struct):
    place: str
    arrived: datetime | None = None
    why: str = ""


class _Older(msgspec.Struct):
    """Fields of version 0.1 that have another name or type now."""

    made: datetime
    state: str = "prepared"
    path: str = ""
    name: str = ""
    why: str = ""
    occasion: str = ""
    copies: tuple[_Copy, ...] = ()


class _Shape(msgspec.Struct):
    deliveries: msgspec.Raw = msgspec.Raw(b"")


def decode(body: bytes) -> Batch:
    """Decode a stored batch."""
    if bytes(msgspec.json.decode(body, type=_Shape).deliveries):
        return _batch.decode(body)
    older = msgspec.json.decode(body, type=_Older)
    fields = msgspec.json.decode(body)
    fields |= {
        "name": older.name or PurePath(older.path).name,
        "reason": older.why,
        "run_key": older.occasion,
        "deliveries": _deliveries(older),
    }
    return msgspec.convert(fields, Batch, strict=False)


def _deliveries(older: _Older) -> tuple[Delivery, ...]:
    arrived = older.made if older.state in {"delivered", "undone"} else None
    folder = (Delivery(older.path, arrived),) if older.path else ()
    return folder + tuple(Delivery(one.place, one.arrived, one.why) for one in older.copies)


_batch = msgspec.json.Decoder(Batch)
