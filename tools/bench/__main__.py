"""`make bench`: measures the bot in worlds of several sizes, and writes docs/performance.md.

Takes some minutes. `python -m tools.bench --quick` measures less of it, once, and prints the page;
`--site` measures the site's search alone.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tools.bench.measures import FULL, QUICK, YESTERDAY, measure
from tools.bench.page import render, site_table
from tools.bench.site import measure_site
from tools.bench.world import HERE

PAGE = HERE / "docs" / "performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds, one run of each; writes nothing")
    parser.add_argument("--site", action="store_true", help="the site's search alone; writes nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tools.bench-") as folder:
        if options.site:
            page = site_table(measure_site(Path(folder), YESTERDAY, FULL.site_months)) + "\n"
        else:
            page = render(measure(Path(folder), QUICK if options.quick else FULL))
    if options.quick or options.site:
        sys.stdout.write(page)
    else:
        PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
