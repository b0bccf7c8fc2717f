"""A run of everything goes on where it was stopped."""

from pathlib import Path

import pytest

from tests.faults import conftest
from tests.faults.stories import every_story


def test_what_has_passed_does_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "_file", tmp_path / "passed.txt")
    first, second, *others = every_story()
    assert len(conftest.find_stories()) == len(others) + 2
    conftest.record_passed(first, {"pay-twice", "notify-never"})
    conftest.record_passed(second, set())
    assert conftest.find_stories() == others
    assert conftest.read_passed() == {str(first): ["notify-never", "pay-twice"], str(second): []}


def test_a_line_that_was_cut_is_not_a_story_that_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conftest, "_file", tmp_path / "passed.txt")
    conftest.record_passed(every_story()[0], set())
    file = tmp_path / "passed.txt"
    file.write_text(file.read_text(encoding="utf-8")[:-4], encoding="utf-8")
    assert len(conftest.find_stories()) == len(every_story())


def test_without_a_file_a_sample_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "_file", None)
    assert conftest.find_stories() == every_story()[: len(conftest.find_stories())]
    assert 0 < len(conftest.find_stories()) < 100
