"""What all tests share."""

import functools
import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_httpserver import HTTPServer

from paperbot.summaries import pdf as fulltext

# The same examples on every machine: a change is judged by what it does. `make fuzz` looks for new ones.
settings.register_profile("same-examples", derandomize=True, max_examples=50)
settings.load_profile("same-examples")

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs begin by ignoring it

COVERAGE = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")


@pytest.fixture(scope="session", autouse=True)
def measured_children() -> None:
    """Where branches are counted, those of the PDF reader's process are, too: its environment is empty."""
    wanted = {name: os.environ[name] for name in COVERAGE if name in os.environ}
    if wanted:
        bare = fulltext._child_environment
        fulltext._child_environment = lambda: bare() | wanted


@pytest.fixture(scope="module", autouse=True)
def emptied_caches() -> Iterator[None]:
    """They are made for one run: hundreds of tests with huge texts would fill them with gigabytes."""
    yield
    for module in [module for name, module in sys.modules.items() if name.startswith("paperbot")]:
        for value in vars(module).values():
            if isinstance(value, functools._lru_cache_wrapper):
                value.cache_clear()


@pytest.fixture(scope="session")
def make_httpserver() -> Iterator[HTTPServer]:
    """A thread a request: a stalled answer must not hold up the next one."""
    server = HTTPServer(threaded=True)
    server.start()
    yield server
    server.clear()
    if server.is_running():
        server.stop()
