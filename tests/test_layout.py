"""The table in CONTRIBUTING.md is the layout: every module has a row, and imports go downwards in it."""

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "paperbot").rglob("*.py")
}


def imported(path: Path) -> Iterator[str]:
    """The bot's own modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [item.name for item in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            parts = [f"{name}.{item.name}" for item in node.names] if isinstance(node, ast.ImportFrom) else []
            yield from {part if part in MODULES else name for part in parts or [name]} & MODULES.keys()


def test_imports_go_downwards_and_in_no_circle() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    row = {name.rstrip("/"): at for at, names in enumerate(rows) for name in re.findall(r"`(.+?)`", names)}
    graph = {name: {*imported(path)} - {name} for name, path in MODULES.items()}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError
    upwards = [
        f"{name} imports {other}"
        for name, others in graph.items()
        for other in others
        if name != "paperbot" != other and row[name.split(".")[1]] > row[other.split(".")[1]]
    ]
    assert upwards == []
