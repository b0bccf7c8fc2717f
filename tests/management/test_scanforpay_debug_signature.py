"""The command scanforpay_debug_signature."""

import io
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.merchant import SIGN_KEY, Merchant
from tests.operations.signature.calls import OTHER_KEY, compact, keys, sent, sha, value

__all__ = ["keys"]
pytestmark = pytest.mark.django_db


def test_the_command_names_the_mistake(
    keys: Merchant, tmp_path: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = compact(value())
    file = tmp_path / "request.json"
    file.write_bytes(sent(raw, sha(raw, OTHER_KEY)))
    with pytest.raises(SystemExit) as ended:
        call_command("scanforpay_debug_signature", str(file))
    assert ended.value.code == 1
    assert "other_partner: Signed with a key of partner 10002." in capsys.readouterr().out
    # Told that it is 10002's: right but for the number in the header.
    call_command("scanforpay_debug_signature", str(file), partner="10002")
    assert "right" in capsys.readouterr().out
    good = sent(raw, sha(raw, SIGN_KEY))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(good)))
    call_command("scanforpay_debug_signature")
    assert "right" in capsys.readouterr().out
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("scanforpay_debug_signature", str(tmp_path / "absent"))
