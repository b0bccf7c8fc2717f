"""Keys as a short text."""

import pytest

from scanforpay_django.operations.chain.key_ranges import read_ranges, write_ranges


@pytest.mark.parametrize(
    ("keys", "text"), [([], ""), ([5], "5"), ([3, 1, 2, 2, 9, 7, 8], "1-3,7-9"), (range(1, 2001), "1-2000")]
)
def test_there_and_back(keys: list[int], text: str) -> None:
    assert write_ranges(keys) == text
    assert [key for part in read_ranges(text) for key in part] == sorted(set(keys))


def test_another_text_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        list(read_ranges("1-5,x"))
