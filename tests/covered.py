"""The branches that the tests take, room by room: `make coverage` writes docs/reliability.md."""

import json
import sys
from pathlib import Path

from tests.reliability import machine, write_section

LEAST_PERCENT = 95.0


def section(report: dict[str, dict[str, float]], total: float) -> str:
    """In Markdown; `report` is by file."""
    below = {path: each for path, each in report.items() if each["percent_covered"] < LEAST_PERCENT}
    rows = [
        f"| {path} | {each['percent_covered']:.1f} % | {each['missing_lines']:.0f} "
        f"| {each['missing_branches']:.0f} |"
        for path, each in sorted(below.items(), key=lambda item: item[1]["percent_covered"])
    ]
    table = "\n".join(["| Room | Covered | Lines missed | Branches missed |", "|---|---:|---:|---:|", *rows])
    text = f"Of the statements and branches of {len(report)} files, {total:.1f} % are taken by a test."
    return "\n\n".join(
        [machine("make coverage"), text, f"Below {LEAST_PERCENT:g} %:\n\n{table}" if rows else ""]
    )


def main(path: Path) -> int:
    """Fails where the total is too low."""
    measured = json.loads(path.read_text("utf-8"))
    files = {name: file["summary"] for name, file in measured["files"].items()}
    total = float(measured["totals"]["percent_covered"])
    write_section("Coverage", section(files, total))
    print(f"{total:.1f} % covered")
    return int(total < LEAST_PERCENT)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
