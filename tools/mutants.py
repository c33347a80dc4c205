"""Small changes of the code that the tests should notice: `make mutants` writes docs/reliability.md.

By mutmut (https://mutmut.readthedocs.io), in copies of the repository below build/mutants. What survives is
explained here, line by line; a survivor without an explanation fails the target.
"""

import argparse
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tools.reliability import machine, write_section

HERE = Path(__file__).resolve().parents[1]
BUILD = HERE / "build" / "mutants"
STATS = Path("mutants", "mutmut-cicd-stats.json")
COPIED = ("paperbot", "tests", "tools", "templates", "fetch_papers.py", "pyproject.toml", "config.json")
PROPOSALS = "tests/test_reader.py::test_proposed_keywords_come_once_a_week_and_never_three_weeks_in_a_row"
RELATED = "tests/test_reader.py::test_a_related_paper_that_matches_later_is_shown_once_and_says_so"
MODULES: Mapping[str, Sequence[str]] = {
    "ranking/keywords": ["tests/test_keywords.py"],
    "digest": ["tests/test_digest.py", "tests/test_follow_up.py", PROPOSALS, RELATED],
    "archive/__init__": ["tests/test_archive.py", "tests/test_digest.py"],
    "archive/layout": ["tests/test_archive.py", "tests/test_weekly.py"],
    "archive/store": ["tests/test_archive.py", "tests/test_weekly.py"],
    "archive/records": [
        "tests/test_journal.py",
        "tests/test_archive.py",
        "tests/test_every_field.py::test_every_field_is_written_and_read",
        "tests/test_every_field.py::test_every_field_of_an_entry_is_written_and_read",
        "tests/test_every_field.py::test_the_description_of_the_archive_is_generated",
    ],
    "archive/journal": ["tests/test_journal.py"],
    "archive/files": ["tests/test_archive.py", "tests/test_journal.py"],
    **{
        f"text/{module}": [
            "tests/test_writer.py",
            "tests/test_markdown.py",
            "tests/test_formulas.py",
            "tests/test_text.py",
        ]
        for module in ("__init__", "escaping", "formulas", "plain", "markdown", "writer")
    },
    "text/page_check": ["tests/test_page_check.py"],
}
"""And the tests that should notice."""
SLOW = (
    "random_papers",
    "every_number_of_unicode",
    "endless_summaries",
    "every_known_trick",
    "any_file",
    "large_texts",
    "gives_its_memory_back",
)
"""Parts of the names of tests that take too long to be repeated for each mutant."""
SETTINGS = """

[tool.mutmut]
source_paths = ["paperbot"]
only_mutate = ["paperbot/{module}.py"]
also_copy = {copied}
pytest_add_cli_args = ["-p", "no:cacheprovider", "-k", "{quick}"]
pytest_add_cli_args_test_selection = {tests}
"""
AT_IMPORT = ("archive/records",)
"""Modules whose functions run when they are imported: mutmut changes them only afterwards."""
NOTICED_ALONE = "noticed-alone.json"
"""The mutants of such a module that are noticed when a process imports it anew."""
LOOKED_UP = "single words are then found by their expression: slower, with the same result"
UNMARKED = "LaTeX's marks are looked for in texts without any, too: slower, with the same result"
BEGINNING = "a shorter beginning is looked for first: slower, with the same result"
SAME_ENCODING = "another name of the same encoding"
OTHER_ENCODING = "UTF-8 is the default where the tests run; `make faults` runs elsewhere, too"
NO_TAG = "the writer goes by the kind of a token, not by its tag"
STRIPPED = "a space at the beginning of a line is taken off at the end"
HEADING_BEGAN = "no heading ends that has not begun, and its beginning says where"
NO_LIST_BEFORE = "nothing comes before the first block, so neither its type nor its style is asked for"
THE_LONG_WAY = "matches are then read like all other records: slower, with the same result"
WITHOUT_IDS = "of no ids none is found: slower, with the same result"
OTHER_DATES = "the other dates of a line are older than those of its changes"
DATED = "every change has a date"
NO_CHANGES = "the key never begins a line, and without it no date is found"
EXPLAINED: Mapping[str, Mapping[str, str]] = {
    "ranking/keywords": {
        "isascii()) and False": "a shortcut for plain text; the long way gives the same",
        "in visible) or True": UNMARKED,
        "in bare) or True": "LaTeX's marks have a backslash; nobody puts braces alone around a letter",
        "(bare != text) or True": UNMARKED,
        '(",")[::-2]': "a name has the same words without its comma",
        "(self._authors) or True": "a shortcut where no author is watched; the same papers match",
        'keyword.match == "XXwordXX"': LOOKED_UP,
        'keyword.match == "WORD"': LOOKED_UP,
        "if len(words) > 2 else": BEGINNING,
        "if (len(words) > 1) and False else": BEGINNING,
        'keyword.match == "substring") and False else beginning': BEGINNING,
        'keyword.match == "XXsubstringXX" else beginning': BEGINNING,
        'keyword.match == "SUBSTRING" else beginning': BEGINNING,
        "words[0][:+1]": BEGINNING,
        "words[0][:-2]": BEGINNING,
        "longest_first = sorted(": "where a word must end, the order of its forms is of no matter",
    },
    "text/__init__": {
        '"STRONG"': "the name of an HTML element has no case",
        "position = None": "a slice from None begins at 0",
    },
    "text/formulas": {
        "position = found.start() + 2": "no formula begins right behind the first sign of another one",
        "found.lastgroup or 1": "one of the groups has always matched",
    },
    "text/markdown": {
        'state.push("formula': NO_TAG,
        'state.push("hardbreak"': NO_TAG,
        '_open", None, 1)': NO_TAG,
        '_close", None, -1)': NO_TAG,
        "state.push(None, element, -1)": "the kind of an element is that of its beginning",
        "state.pos, )": "the words of a link end behind each element that begins in them",
        'opening["fence"][1]': "all signs of a fence are the same",
    },
    "text/plain": {
        'if character in "XX': "an X stays an X in any case",
        "found.start() <= end <": "a formula that begins at the end is behind it in any case",
        "end + 1)) >= 0:": "of a text that begins with its only break, nothing but the break is left",
    },
    "text/escaping": {
        "or True else _MARKUP": "the expression with commits finds the same, but is slower",
        "XX\\*_[]~!XX": "an X is never asked about",
        '_last = "XXXX"': STRIPPED,
        "_after_formula = True": STRIPPED,
        "_after_formula = None": "means the same as False",
    },
    "text/page_check": {
        "self._in_paper = None": "means the same as False",
        '("data-sourcepos", "XXXX")': "neither text is a position",
        '("href", "XXXX")': "the value for a missing address leads nowhere else either",
        "self._awaits_summary = None": "means the same as False",
        "self._folds = 1": "the first heading begins the count anew, and no paper comes before it",
        "self._heading_start = None": HEADING_BEGAN,
        "self._heading_start = 1": HEADING_BEGAN,
        '"HTTPS?://': "the expression takes letters of either case",
    },
    "text/writer": {
        'previous, style = "XXXX", 0': NO_LIST_BEFORE,
        'previous, style = "", 1': NO_LIST_BEFORE,
        "position = None": "a slice from None begins at 0",
        '"%")] = ""': "only the keys are read, in their order",
        "default=1)": "a fence has three signs at least",
    },
    "archive/records": {
        "all(field.type not in _JSON_TYPES": THE_LONG_WAY,
        "field.json != field.name": THE_LONG_WAY,
    },
    "archive/files": {'.encode("UTF-8"': SAME_ENCODING},
    "archive/journal": {
        'encoding="UTF-8"': SAME_ENCODING,
        "read_text(encoding=None": OTHER_ENCODING,
        "read_text(errors=": OTHER_ENCODING,
    },
    "digest": {
        "rank=None,": "ranks are given anew by the function that follows",
        "rank=1,": "ranks are given anew by the function that follows",
        "rankings[:2]": "every topic's ranking has all papers, and each paper counts once",
        'default="XXXX"': "no id either",
        "max_papers.get(entry.topic, 1)": "only candidates have an abstract, and their topics a limit",
        "RunRecord(today, None": "given anew below",
        "RunRecord(today, last_run, None": "given anew below",
        "window_start, 0, 0, None, 0)": "given anew below",
        "window_start, 0, 0, 0, None)": "given anew below",
        "window_start, 0, 0, 1, 0)": "given anew below",
        "window_start, 0, 0, 0, 1)": "given anew below",
    },
    "archive/store": {
        "(paper_ids) or True": WITHOUT_IDS,
        "(wanted) or True": WITHOUT_IDS,
        "start > 0) or True": NO_CHANGES,
        "start >= 0": NO_CHANGES,
        "start > 1": NO_CHANGES,
        "line.find(b": OTHER_DATES,
        "_DATE.findall(line, )": OTHER_DATES,
        "(line, start), default=None)": DATED,
        "(line, start), )": DATED,
        '(line, start), default=b"XXXX")': DATED,
        "found = None": "the papers have the same dates; the records are only read faster",
        '.decode("UTF-8-SIG"': SAME_ENCODING,
    },
}
"""By module: what a changed line holds, and why no test can or need notice it."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change that no test noticed."""

    name: str
    was: str
    became: str


def mutate(module: str, tool: Path) -> None:
    """The results stay in the module's folder."""
    folder = _folder(module)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in COPIED:
        copy = shutil.copytree if (HERE / name).is_dir() else shutil.copy
        copy(HERE / name, folder / name)
    settings = SETTINGS.format(
        module=module,
        tests=json.dumps(MODULES[module]),
        copied=json.dumps(COPIED),
        quick=f"not ({' or '.join(SLOW)})",
    )
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(settings)

    _mutmut(folder, tool, "run")
    _mutmut(folder, tool, "export-cicd-stats")
    if module in AT_IMPORT:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            survivors = _survivors(folder, tool)
            noticed = pool.map(lambda name: _is_noticed_alone(folder, tool, module, name), survivors)
            names = list(itertools.compress(survivors, noticed))
        (folder / NOTICED_ALONE).write_text(json.dumps(names), "utf-8")


def results(module: str, tool: Path) -> tuple[Mapping[str, int], list[Survivor]]:
    """Numbers of mutants by their fate, and those that survived, of the module's last run."""
    folder = _folder(module)
    fates = json.loads((folder / STATS).read_text("utf-8"))
    alone = folder / NOTICED_ALONE
    noticed = json.loads(alone.read_text("utf-8")) if alone.exists() else ()
    survived = [name for name in _survivors(folder, tool) if name not in noticed]
    return fates, [_survivor(name, _mutmut(folder, tool, "show", name)) for name in survived]


def _survivors(folder: Path, tool: Path) -> list[str]:
    return re.findall(r"(\S+): (?:survived|no tests)", _mutmut(folder, tool, "results"))


def _is_noticed_alone(folder: Path, tool: Path, module: str, name: str) -> bool:
    command = [sys.executable, "-m", "pytest", "-qx", "-p", "no:cacheprovider", *MODULES[module]]
    environ = os.environ | {"PYTHONPATH": str(tool), "MUTANT_UNDER_TEST": name}
    ran = subprocess.run(command, cwd=folder / "mutants", env=environ, capture_output=True, check=False)
    return ran.returncode != 0


def _folder(module: str) -> Path:
    return BUILD / module.replace("/", "-")


def _mutmut(folder: Path, tool: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "mutmut", *arguments]
    environ = os.environ | {"PYTHONPATH": str(tool)}
    return subprocess.run(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, text=True, check=True
    ).stdout


def _survivor(name: str, diff: str) -> Survivor:
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++", "#"))]
    was, became = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    return Survivor(name, was, became)


def explanation(module: str, survivor: Survivor) -> str:
    """Empty if there is none."""
    reasons = EXPLAINED.get(module, {})
    return next((reason for part, reason in reasons.items() if part in survivor.became), "")


def section(
    fates: Mapping[str, Mapping[str, int]], survivors: Mapping[str, list[Survivor]]
) -> tuple[str, str]:
    """Summary and details in Markdown."""
    head = "| Module | Mutants | Noticed | Survived |\n|---|---:|---:|---:|"
    counts = [(module, int(fate["total"]), len(survivors[module])) for module, fate in fates.items()]
    rows = [f"| {module}.py | {total} | {total - alive} | {alive} |" for module, total, alive in counts]
    total, alive = sum(count for _, count, _ in counts), sum(count for *_, count in counts)
    summary = (
        f"{machine('make mutants')} Of {total:,} small changes of the code in {len(counts)} modules, the "
        f"tests notice {total - alive:,}; why nothing can notice the other {alive}, the details say."
    )
    return summary, "\n\n".join(["\n".join([head, *rows]), *_explanations(survivors)])


def _explanations(survivors: Mapping[str, list[Survivor]]) -> Iterator[str]:
    for module, found in survivors.items():
        reasons: dict[str, int] = {}
        for survivor in found:
            reason = explanation(module, survivor) or f"not explained: `{survivor.became}`"
            reasons[reason] = reasons.get(reason, 0) + 1
        if reasons:
            lines = [f"- {times}: {reason}" for reason, times in reasons.items()]
            yield "\n".join([f"What survived in {module}.py:", "", *lines])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "modules", nargs="*", help="only these are run anew; of the others, the last results count"
    )
    parser.add_argument("--tool", type=Path, required=True, help="the folder that mutmut was installed into")
    options = parser.parse_args()
    tool = options.tool.resolve()
    fates, survivors = {}, {}
    for module in MODULES:
        if not options.modules or module in options.modules:
            mutate(module, tool)
        if not (_folder(module) / STATS).exists():
            continue
        fates[module], survivors[module] = results(module, tool)
        print(module, fates[module])
        for survivor in survivors[module]:
            if not explanation(module, survivor):
                print(f"  {survivor.name}\n    - {survivor.was}\n    + {survivor.became}")
        for part in EXPLAINED.get(module, {}):
            if not any(part in survivor.became for survivor in survivors[module]):
                print(f"  explains nothing: {part}")
    write_section("Mutations", *section(fates, survivors))
    return any(not explanation(module, mutant) for module, found in survivors.items() for mutant in found)


if __name__ == "__main__":
    raise SystemExit(main())
