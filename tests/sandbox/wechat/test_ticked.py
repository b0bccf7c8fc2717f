"""Lines as the platform writes them."""

import pytest

from scanforpay_django.sandbox.wechat.ticked import escaped, ticked

pytestmark = pytest.mark.sqlite


def test_values_stand_behind_back_ticks_and_texts_are_escaped():
    assert ticked(["a", "", "c"]) == "`a,`,`c"
    assert escaped("tea, green\nhot") == "tea\\  green\\nhot"
