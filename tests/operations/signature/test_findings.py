"""The mistakes are named in every language."""

import pytest
from django.utils import translation
from django.utils.translation import gettext

from scanforpay_django.operations.signature.findings import FINDING_TEXTS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja"])
def test_every_mistake_is_named_in_every_language(language: str) -> None:
    with translation.override(language):
        assert [code for code, text in FINDING_TEXTS.items() if gettext(text) == text] == []
