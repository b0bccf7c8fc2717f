"""What may be wrong with an account is said in the reader's language."""

import pytest
from django.utils.translation import gettext, override

from scanforpay_django.wallets import account_faults

FAULTS = [text for name, text in vars(account_faults).items() if name.isupper()]


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja"])
def test_every_fault_is_translated(language: str) -> None:
    with override(language):
        assert not [text for text in FAULTS if gettext(text) == text]
