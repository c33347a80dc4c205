"""What a newcomer does, on a clone of HEAD: `python3 tools/fresh.py [TARGET ...]`.

The clone lies alone in a new folder, HOME is empty, no package is cached, and PATH holds Python, make, git
and what Debian calls essential. Needs nothing but the standard library. Exit code: that of the first
target that fails, or 0.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
TARGETS = ("sample", "validate", "check")
PROGRAMS = (
    *("make", "git", "sh", "bash", "env", "awk", "grep", "sed", "find", "xargs", "mount", "unshare"),
    *("basename", "cat", "chmod", "cp", "cut", "date", "dirname", "expr", "false", "head", "id", "ln", "ls"),
    *("mkdir", "mktemp", "mv", "nproc", "pwd", "readlink", "realpath", "rm", "rmdir", "sleep", "sort"),
    *("stat", "tail", "tee", "test", "touch", "tr", "true", "truncate", "uname", "uniq", "wc"),
)
BROWSER = ("chromium", "chromedriver")
"""Only where they are installed: the tests that need them are skipped elsewhere."""
PASSED_ON = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "PIP_CERT", "PIP_INDEX_URL", "UV_DEFAULT_INDEX"),
)
"""The way to the network belongs to the machine, not to its user's habits."""


def main() -> int:
    """Run the targets named on the command line, by default `TARGETS`."""
    targets = sys.argv[1:] or TARGETS
    with tempfile.TemporaryDirectory(prefix="fresh-") as name:
        folder = Path(name)
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", HERE.as_uri(), clone], check=True)
        environ = newcomers_environment(folder)
        for target in targets:
            start = time.monotonic()
            make = ["make", "--no-print-directory", target]
            done = subprocess.run(make, cwd=clone, env=environ, check=False)
            said = "passed" if done.returncode == 0 else "FAILED"
            print(f"make {target} {said} in {time.monotonic() - start:.0f} s", flush=True)
            if done.returncode:
                return done.returncode
    return 0


def newcomers_environment(folder: Path) -> dict[str, str]:
    """An empty home and the few programs, in `folder`; lower-case names of proxies count as well."""
    home, programs = folder / "home", folder / "bin"
    home.mkdir()
    programs.mkdir()
    for name in (*PROGRAMS, *BROWSER):
        if place := shutil.which(name):
            (programs / name).symlink_to(Path(place).resolve())
    # Not a shim of a version manager, which needs its own settings.
    (programs / "python3").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    passed_on = {name: value for name, value in os.environ.items() if name.upper() in PASSED_ON}
    return passed_on | {
        "PATH": str(programs),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PIP_NO_CACHE_DIR": "1",
        "UV_NO_CACHE": "1",
    }


if __name__ == "__main__":
    raise SystemExit(main())
