"""Run one command in a separate process; print its seconds, its CPU time, its peak memory in bytes, its exit code.

Start this script with ``python -I -S``: a process inherits the peak memory of its parent, so the parent must be
smaller than every process it measures. The result is the last line on stdout, after the command's own output.
"""

import os
import sys
import time

_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss


def main() -> None:
    """Start the command, wait for it, and print the result."""
    started = time.perf_counter()
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    cpu = used.ru_utime + used.ru_stime
    sys.stdout.write(f"\n{seconds} {cpu} {used.ru_maxrss * _UNIT} {os.waitstatus_to_exitcode(status)}\n")


main()
