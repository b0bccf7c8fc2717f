"""manage.py sandbox_clock."""

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django import clock


@pytest.mark.django_db
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sandbox_clock", "+84h")
    assert "3 days, 12:00:00 ahead of this host's clock" in capsys.readouterr().out
    call_command("sandbox_clock")
    assert "3 days, 12:00:00 ahead" in capsys.readouterr().out
    call_command("sandbox_clock", "--reset")
    assert "0:00:00 ahead" in capsys.readouterr().out
    for span in ("yesterday", "+9999d"):
        with pytest.raises(CommandError):
            call_command("sandbox_clock", span)
    assert clock.offset_seconds() == 0
