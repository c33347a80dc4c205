"""Picks are files that anybody may have written."""

import os
from pathlib import Path

import pytest

from paperbot.ranking.picks import PickKind, pick_path, read_picks


def test_picks_are_read_by_paper(tmp_path: Path) -> None:
    folder = tmp_path / "picks"
    folder.mkdir()
    contents = {
        "2512.20276": b"star",
        "math_0309136": b"skip\n",
        "hep-th_9901001": b"\xef\xbb\xbfStar \r\nbecause of section 3\n",
        "2512.00002v3": b"skip",
        "README.md": b"How to pick",
        ".gitkeep": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    assert read_picks(tmp_path) == (
        {
            "2512.00002": PickKind.SKIP,
            "2512.20276": PickKind.STAR,
            "hep-th/9901001": PickKind.STAR,
            "math/0309136": PickKind.SKIP,
        },
        (),
    )
    assert (pick_path("2512.20276"), pick_path("math/0309136")) == ("picks/2512.20276", "picks/math_0309136")


@pytest.mark.parametrize(
    "content",
    [
        "star\r\n".encode("utf-16"),
        "“Star”".encode(),
        "ｓｔａｒ。".encode(),
        "\u200b\u00a0★ STAR!\n".encode(),
        b"star\rx",
    ],
)
def test_a_word_is_known_however_an_editor_saved_it(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "picks").mkdir()
    (tmp_path / "picks/2512.20276").write_bytes(content)
    assert read_picks(tmp_path) == ({"2512.20276": PickKind.STAR}, ())


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("2512.20276", b"", 'its first line is ""; it must be star or skip'),
        ("2512.20276", b"starred", 'its first line is "starred"; it must be star or skip'),
        ("2512.20276", b"\xff\xfe\0\x1b[31m", "it must be star or skip"),
        ("2512.20276", b"x" * 3_000_000, "it must be star or skip"),
        ("2512.20276.txt", b"star", "its name must be an arXiv id such as 2512.20276 or math_0309136"),
        ("2513.20276", b"star", "its name must be an arXiv id"),
        ("٢٥١٢.20276", b"star", "its name must be an arXiv id"),
        ("notes", b"star", "its name must be an arXiv id"),
        ("\x1b[31m", b"star", "its name must be an arXiv id"),
    ],
)
def test_other_files_are_named_and_ignored(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    folder = tmp_path / "picks"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "2512.00001").write_bytes(b"star")
    picks, (found,) = read_picks(tmp_path)
    assert picks == {"2512.00001": PickKind.STAR}
    assert problem in found.message
    assert found.message.isprintable()
    assert len(found.message) < 250


def test_links_folders_and_pipes_are_not_opened(tmp_path: Path) -> None:
    folder = tmp_path / "picks"
    (folder / "2512.00001").mkdir(parents=True)
    secret = tmp_path / "secret"
    secret.write_text("star", "utf-8")
    (folder / "2512.00002").symlink_to(secret)
    os.mkfifo(folder / "2512.00003")
    picks, problems = read_picks(tmp_path)
    assert picks == {}
    assert [problem.message.partition(": ")[2] for problem in problems] == [
        "it is a link or a folder, not a file."
    ] * 3


def test_no_folder_and_a_file_in_its_place(tmp_path: Path) -> None:
    assert read_picks(tmp_path) == ({}, ())
    (tmp_path / "picks").write_text("star", "utf-8")
    picks, (problem,) = read_picks(tmp_path)
    assert (picks, str(problem)) == ({}, "picks: The folder can't be read: Not a directory.")


def test_two_files_for_one_paper(tmp_path: Path) -> None:
    folder = tmp_path / "picks"
    folder.mkdir()
    (folder / "2512.00001").write_text("star", "utf-8")
    (folder / "2512.00001v2").write_text("skip", "utf-8")
    picks, (problem,) = read_picks(tmp_path)
    assert picks == {"2512.00001": PickKind.STAR}
    assert problem.message == '"2512.00001v2" is not used: there is another file for 2512.00001.'
