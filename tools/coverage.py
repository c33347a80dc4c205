"""The branches that the tests take, module by module: `make coverage` writes docs/reliability.md."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.reliability import machine, write_section

MIN_PERCENT = 95.0
Summaries = Mapping[str, Mapping[str, float]]


def section(files: Summaries, total: Mapping[str, float]) -> tuple[str, str]:
    """Summary and details in Markdown."""
    below = {path: counts for path, counts in files.items() if counts["percent_covered"] < MIN_PERCENT}
    rows = [
        f"| {path} | {counts['percent_covered']:.1f} % | {counts['missing_lines']:.0f} "
        f"| {counts['missing_branches']:.0f} |"
        for path, counts in sorted(below.items(), key=lambda item: item[1]["percent_covered"])
    ]
    table = "\n".join(
        ["| Module | Covered | Lines missed | Branches missed |", "|---|---:|---:|---:|", *rows]
    )
    text = (
        f"Of {total['num_branches']:,.0f} branches in {len(files)} files, the tests take "
        f"{branches_percent(total):.1f} %; of {total['num_statements']:,.0f} statements, "
        f"{share_percent(total['covered_lines'], total['num_statements']):.1f} %. "
        f"{total['excluded_lines']:.0f} lines are not counted; `pyproject.toml` says which and why."
    )
    few = f"Branches and statements together below {MIN_PERCENT:g} %:\n\n{table}"
    return f"{machine('make coverage')} {text}", few if rows else ""


def branches_percent(summary: Mapping[str, float]) -> float:
    return share_percent(summary["covered_branches"], summary["num_branches"])


def share_percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 100.0


def main(path: Path) -> int:
    """Fails where too few branches are taken."""
    measured = json.loads(path.read_text("utf-8"))
    files = {name: file["summary"] for name, file in measured["files"].items()}
    write_section("Coverage", *section(files, measured["totals"]))
    percent = branches_percent(measured["totals"])
    print(f"{percent:.1f} % of the branches")
    return int(percent < MIN_PERCENT)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
