"""Runs a command and says in JSON, on the last line of its output, what it cost.

A process of its own and small: Linux counts the size of the process that starts a program to that program's
peak.
"""

import json
import os
import sys
import time

BYTES_IN_MAXRSS = 1024 if sys.platform == "linux" else 1
"""See getrusage(2): kilobytes on Linux, bytes on macOS."""


def main() -> None:
    began = time.monotonic()
    process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
    _, status, used = os.wait4(process, 0)
    cost = {
        "exit_code": os.waitstatus_to_exitcode(status),
        "began": began,
        "wall_seconds": time.monotonic() - began,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_megabytes": used.ru_maxrss * BYTES_IN_MAXRSS / 1e6,
    }
    sys.stdout.write(json.dumps(cost) + "\n")


if __name__ == "__main__":
    main()
