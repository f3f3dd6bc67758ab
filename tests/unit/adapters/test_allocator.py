"""The memory of threads: one arena for all of them."""

import ctypes
import sys

import pytest

from primanota.adapters.allocator import share_one_arena
from tests.support import environment

_THREADS = """
import ctypes, threading
{call}
def allocate():
    for _ in range(200):
        bytes(200_000)
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
ctypes.CDLL(None).malloc_info(0, ctypes.c_void_p.in_dll(ctypes.CDLL(None), "stdout"))
ctypes.CDLL(None).fflush(None)
"""
_SHARE = "from primanota.adapters.allocator import share_one_arena; share_one_arena()"


def _arenas(call: str) -> int:
    done = environment.run([sys.executable, "-c", _THREADS.format(call=call)], check=True)
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library is not glibc")
def test_threads_share_one_arena() -> None:
    """Threads that allocate large pieces get no arenas of their own, which they would get otherwise."""
    assert _arenas(_SHARE) == 1
    assert _arenas("") > 1


@pytest.mark.parametrize("library", [object(), None])
def test_another_library_is_left_alone(library: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the C library does not have the option, nothing happens."""
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    share_one_arena()
