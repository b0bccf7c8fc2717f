"""A store's time zone."""

import pytest
from django.core.exceptions import ValidationError

from scanforpay_django.models import Store
from scanforpay_django.models.store import check_timezone


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "/etc/localtime", "Asia", "a\0b"])
def test_only_names_of_time_zones_are_taken(name: str) -> None:
    check_timezone("Asia/Hong_Kong")
    with pytest.raises(ValidationError):
        check_timezone(name)


@pytest.mark.parametrize(
    ("stored", "meant"), [("", "Europe/Paris"), ("Asia/Tokyo", "Asia/Tokyo"), ("Gone/Zone", "Europe/Paris")]
)
def test_an_empty_one_is_the_projects(stored: str, meant: str, settings) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    assert Store(timezone=stored).zone.key == meant
