"""The environment of a run: the key, GitHub Actions, overrides."""

from pathlib import Path

import pytest

from paperbot.config import Config, Environment, apply_overrides, read_ci_environment, read_environment
from paperbot.errors import Problem, UserError
from tests.config.written import SECRET


def test_an_empty_environment_is_a_laptop_without_a_key() -> None:
    assert read_environment(Config(), {}) == Environment()
    names = ["API_KEY", "DASHSCOPE_API_KEY", "GITHUB_STEP_SUMMARY", "GITHUB_SERVER_URL"]
    unset = dict.fromkeys([*names, "PAPERBOT_DRY_RUN", "PAPERBOT_DAYS_BACK"], "")
    assert read_environment(Config(), unset) == Environment()
    assert apply_overrides(Config(), unset) == Config()


def test_environment_of_actions() -> None:
    environment = read_environment(
        Config(),
        {
            "DASHSCOPE_API_KEY": f' "{SECRET}"\n',
            "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": "/tmp/summary",
            "GITHUB_OUTPUT": "/tmp/output",
            "GITHUB_REPOSITORY": "someone/papers",
            "GITHUB_SERVER_URL": "https://github.example.org/",
            "PAPERBOT_NO_SUMMARIES": "false",
            "PAPERBOT_DRY_RUN": "True",
        },
    )
    assert environment == Environment(
        api_key=SECRET,
        in_actions=True,
        step_summary_path=Path("/tmp/summary"),
        output_path=Path("/tmp/output"),
        repository="someone/papers",
        server_url="https://github.example.org",
        dry_run=True,
    )
    assert SECRET not in repr(environment)


def test_surroundings_are_known_before_any_config() -> None:
    environ = {"GITHUB_ACTIONS": "true", "PAPERBOT_DRY_RUN": "nonsense", "DASHSCOPE_API_KEY": SECRET}
    assert read_ci_environment(environ) == Environment(in_actions=True)


def test_the_key_is_read_from_the_variable_that_the_config_names() -> None:
    config = Config.model_validate({"ai_summary": {"api_key_env": "OPENAI_API_KEY"}})
    environ = {"OPENAI_API_KEY": "mine", "DASHSCOPE_API_KEY": "other"}
    assert read_environment(config, environ).api_key == "mine"


@pytest.mark.parametrize("key", ["sk-one sk-two", "sk-öne", "DASHSCOPE_API_KEY=\nsk-one"])
def test_a_key_that_can_be_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(UserError) as raised:
        read_environment(Config(), {"DASHSCOPE_API_KEY": key})
    assert str(raised.value).startswith("DASHSCOPE_API_KEY holds a space, a line break or a letter")
    assert key not in str(raised.value)


def test_days_back_of_a_manual_run() -> None:
    assert apply_overrides(Config(), {"PAPERBOT_DAYS_BACK": " 14 "}).days_back == 14


@pytest.mark.parametrize(
    ("given", "shown"), [("31", "31"), ("-1", "-1"), ("a week", '"a week"'), ("1.5", '"1.5"')]
)
def test_a_wrong_override_names_its_variable(given: str, shown: str) -> None:
    with pytest.raises(UserError) as raised:
        apply_overrides(Config(), {"PAPERBOT_DAYS_BACK": given})
    assert raised.value.problems == (
        Problem(f"PAPERBOT_DAYS_BACK is {shown}. Allowed: a whole number from 1 to 30."),
    )


def test_wrong_switches_are_named_together() -> None:
    with pytest.raises(UserError) as raised:
        read_environment(Config(), {"PAPERBOT_NO_SUMMARIES": "maybe", "PAPERBOT_DRY_RUN": "2"})
    assert [str(problem) for problem in raised.value.problems] == [
        'PAPERBOT_NO_SUMMARIES is "maybe". Allowed: true or false.',
        'PAPERBOT_DRY_RUN is "2". Allowed: true or false.',
    ]
