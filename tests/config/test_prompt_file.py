"""The user's own prompt."""

from pathlib import Path

import pytest

from paperbot.config import Config, load_config, resolve_prompt_file
from paperbot.errors import UserError
from tests.config.written import ROOT, write


def test_a_prompt_in_the_users_folder_wins(tmp_path: Path) -> None:
    config = Config()
    own, _ = resolve_prompt_file(config, tmp_path, tmp_path / "config.json")
    assert own == ROOT / "templates/summary_prompt.md.j2"
    mine = tmp_path / "templates/summary_prompt.md.j2"
    mine.parent.mkdir()
    mine.write_text("Summarise.", encoding="utf-8")
    assert resolve_prompt_file(config, tmp_path, tmp_path / "config.json") == (mine, ())


def test_the_originals_prompt_is_replaced_with_a_warning_where_it_is_absent(tmp_path: Path) -> None:
    path = write(tmp_path, {"ai_summary": {"prompt_file": "ai_summary_prompt.txt"}})
    config, _ = load_config(path)
    used, (warning,) = resolve_prompt_file(config, tmp_path, path)
    assert used == ROOT / "templates/summary_prompt.md.j2"
    assert warning.line == 3
    assert warning.message.startswith("There is no ai_summary_prompt.txt here; the bot's own prompt is used.")
    (tmp_path / "ai_summary_prompt.txt").write_text("Summarise.", encoding="utf-8")
    assert resolve_prompt_file(config, tmp_path, path) == (tmp_path / "ai_summary_prompt.txt", ())


def test_any_other_prompt_must_be_there(tmp_path: Path) -> None:
    path = write(tmp_path, {"ai_summary": {"prompt_file": "mine.txt"}})
    config, _ = load_config(path)
    with pytest.raises(
        UserError, match='line 3: ai_summary.prompt_file is "mine.txt", but there is no such file'
    ):
        resolve_prompt_file(config, tmp_path, path)
