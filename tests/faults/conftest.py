"""Which stories run: a sample, or with FAULT_STORIES=file all that the file does not say to have passed."""

import os
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.stories import Story, every_story

#: stories of a run without FAULT_STORIES
SAMPLE = {"sqlite": 24, "postgresql": 8, "mysql": 8}
_file = Path(os.environ["FAULT_STORIES"]) if os.environ.get("FAULT_STORIES") else None


def find_stories() -> list[Story]:
    """The stories of this run."""
    stories = every_story()
    if _file is None:
        return stories[: SAMPLE[connection.vendor]]
    passed = read_passed()
    return [story for story in stories if str(story) not in passed]


def read_passed() -> dict[str, list[str]]:
    """Story -> the faults of it that have struck."""
    lines = _file.read_text(encoding="utf-8").splitlines() if _file and _file.exists() else []
    return {story: struck.split() for story, _, struck in (line.partition("\t") for line in lines)}


def record_passed(story: Story, struck: set[str]) -> None:
    """One line, written at once: several processes may write to the file."""
    if _file is not None:
        with _file.open("a", encoding="utf-8") as file:
            file.write(f"{story}\t{' '.join(sorted(struck))}\n")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.function.__name__ == "test_nothing_is_lost":
        metafunc.parametrize("story", find_stories(), ids=str)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _file is not None and not os.environ.get("PYTEST_XDIST_WORKER"):
        passed, every = read_passed(), {str(story) for story in every_story()}
        struck = Counter(name for story in passed for name in passed[story] if story in every)
        terminalreporter.write_line(
            f"{_file}: {len(every & set(passed))} of {len(every)} stories have passed; "
            f"faults have struck in them {struck.total()} times: "
            + ", ".join(f"{name} {count}" for name, count in sorted(struck.items()))
        )
