"""Run one command as a process of its own and say what it took: seconds, peak memory in bytes, exit code.

To be started with ``python -I -S``: a process inherits the peak memory of the one that starts it, so the starter
must be smaller than anything it measures. What it says is the last line on stdout, after what the command said.
"""

import os
import sys
import time

_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def main() -> None:
    """Start, wait, say."""
    started = time.perf_counter()
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    sys.stdout.write(f"\n{seconds} {used.ru_maxrss * _UNIT} {os.waitstatus_to_exitcode(status)}\n")


main()
