"""The zoo."""

from collections.abc import Iterator

import pytest

from tests.transport.zoo import Zoo


@pytest.fixture
def zoo() -> Iterator[Zoo]:
    with Zoo() as zoo:
        yield zoo
