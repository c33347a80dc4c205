"""The tests on other dates: `python tools/dates.py [PYTEST ARGUMENT ...]`, under libfaketime.

Exit code: 0 when they pass on each date.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

DATES = {
    "a Saturday": "2026-12-05 09:00:00",
    "a leap day": "2028-02-29 12:00:00",
    "the end of a decade": "2029-12-31 23:00:00",
}
SLEEP = "import select, time\ntime.sleep = lambda seconds: select.select([], [], [], seconds)\n"
"""For Python's start: libfaketime 0.9.10 refuses the call with which time.sleep waits on the real clock."""
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def main() -> int:
    """Run pytest once for each date."""
    if not LIBRARIES:
        sys.exit("libfaketime is missing. On Debian and Ubuntu: apt install libfaketime")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "sitecustomize.py").write_text(SLEEP, "utf-8")
        failed = [name for name, start in DATES.items() if not passes(name, start, folder)]
    print("Failed on " + ", ".join(failed) if failed else f"The tests pass on {len(DATES)} dates.")
    return bool(failed)


def passes(name: str, start: str, python_path: str) -> bool:
    """Whether the tests pass when they begin at `start`; each Python process first runs sitecustomize.py."""
    print(f"{name}: {start}", flush=True)
    faked = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME": f"@{start}",
        "TZ": "UTC",
        "PYTHONPATH": python_path,
        # Pauses and time-outs count real seconds, and files get the times that the disk gives them.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }
    arguments = sys.argv[1:] or ["-n", "auto"]
    # Bytecode is trusted by the time of its source, which the faked clock contradicts.
    run = [sys.executable, "-B", "-m", "pytest", *arguments]
    return subprocess.run(run, env=os.environ | faked, check=False).returncode == 0


if __name__ == "__main__":
    raise SystemExit(main())
