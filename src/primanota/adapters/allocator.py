"""How the C library keeps the memory of a process."""

import ctypes
import os
import sys

_M_ARENA_MAX = -8  # glibc, malloc.h


def share_one_arena() -> None:
    """Let all threads allocate from one arena where the C library is glibc; do nothing elsewhere.

    By default each thread keeps an arena of its own, with all that it has freed. Many threads receive pages of the
    bank and others store them, so a sync would take 25 MB more.
    """
    if sys.platform == "linux" and "CS_GNU_LIBC_VERSION" in os.confstr_names:
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option:
            set_option(_M_ARENA_MAX, 1)
