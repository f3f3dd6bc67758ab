"""A canary: an API key that is looked for in everything that a case printed or wrote."""

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

# The characters + and / change in a URL, so that the forms differ.
CANARY = "c4n4ry+0f/Pr1m4n0t4-7d2f9b"


def forms(secret: str = CANARY) -> tuple[bytes, ...]:
    """Return a key as it may appear: plain, quoted for a URL, and within base64 at each of the three offsets."""
    plain = secret.encode()
    encoded = (base64.b64encode(b"x" * offset + plain)[4 if offset else 0 : -4] for offset in range(3))
    return plain, quote(secret, safe="").encode(), *encoded


def leaks(folder: Path, printed: str, secret: str = CANARY) -> Iterator[str]:
    """Yield where a key appears: in what was printed, in the names and in the bytes of the files of a folder."""
    wanted = forms(secret)
    if any(form in printed.encode("utf-8", "surrogateescape") for form in wanted):
        yield f"the key was printed: {printed[-600:]}"
    for place, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            path = Path(os.fsdecode(os.path.join(place, name)))  # noqa: PTH118 - names may be no text
            if (
                path.is_file()
                and not path.is_symlink()
                and any(form in name or form in path.read_bytes() for form in wanted)
            ):
                yield f"the key is in {path.name}"
