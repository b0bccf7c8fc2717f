"""Raw data without secrets and without who the payer is."""

import pytest

from scanforpay_django.operations.order_story.masking import MASK, MAX_LENGTH, mask_message, show_values


@pytest.mark.parametrize(
    ("text", "shown", "hidden"),
    [
        ('{"payer": {"openid": "oXYZ"}, "total": 2100}', ['"total": 2100', MASK], ["oXYZ", "openid"]),
        ('{"list": [{"sub_openid": "oXYZ", "n": 1}]}', ['"n": 1'], ["oXYZ"]),
        ('{"resource": {"ciphertext": "c", "nonce": "n0n", "associated_data": "t"}}', [MASK], ["n0n"]),
        ("trade_status=OK&buyer_logon_id=159%2A%2A&sign=abc%2B", ["trade_status", "OK"], ["159", "abc"]),
        ("<html>502 Bad Gateway</html>", ["<html>502 Bad Gateway</html>"], []),
        ("success", ["success"], []),
        ("password: hunter22", ["password"], ["hunter22"]),
        ("", [], []),
    ],
)
def test_what_is_named_as_a_secret_or_a_payer_is_masked(
    text: str, shown: list[str], hidden: list[str]
) -> None:
    masked = mask_message(text)
    for part in shown:
        assert part in masked
    for part in hidden:
        assert part not in masked


def test_an_empty_value_stays_empty_and_what_is_long_is_cut() -> None:
    assert show_values({"token": "", "note": "x"}) == '{\n "token": "",\n "note": "x"\n}'
    assert len(mask_message("x" * 99_999)) == MAX_LENGTH
