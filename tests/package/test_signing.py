"""The bytes: the known answer, both published kinds of client, and hostile words in every echoed field."""

import hashlib
import json
import random
import subprocess

import pytest
from django.utils.functional import Promise
from hypothesis import given, settings
from hypothesis import strategies as st

from scanforpay_django import signing, wire
from tests.merchant import SIGN_KEY, Merchant, split_verifies

KNOWN = (
    b'{"header":{"version":"1.0","partnerNo":"10001","reqMsgId":"","reqTime":"2026-01-02T03:04:05+00:00",'
    b'"signType":"SHA256"},"body":{"storeNo":"100010000000002","partnerOrderNo":"p1"}}'
)

WORDS = [
    "response",
    "signature",
    "</script>",
    '"',
    "\\",
    "/",
    "茶",
    "🍵",
    "'",
    "{",
    "}",
    "\u2028",
    "&",
    " ",
    "esponse",
]

ROUNDS = 10_000


def reencode_verifies(text: str, key: str) -> bool:
    """How the other published client checks: decode, encode as PHP's json_encode does, hash."""
    whole = json.loads(text)
    again = json.dumps(whole["response"], ensure_ascii=True, separators=(",", ":")).replace("/", "\\/")
    return hashlib.sha256((again + key).encode()).hexdigest() == whole["signature"]


def hostile(random_: random.Random, length: int) -> str:
    """Random text made of the words that hurt."""
    text = "".join(
        random_.choice([*WORDS, chr(random_.randrange(0x20, 0x7F))]) for _ in range(random_.randrange(12))
    )
    return text[:length]


def message(req_msg_id: str, title: str, partner_order_no: str) -> str:
    """An answer as the renderer writes it."""
    header = wire.header("10001", req_msg_id=req_msg_id)
    raw = signing.encode(
        {"header": header, "body": {"code": 5, "msg": title, "partnerOrderNo": partner_order_no}}
    )
    return signing.envelope("response", raw, signing.sign(raw, SIGN_KEY)).decode()


def test_the_known_answer() -> None:
    assert signing.sign(KNOWN, "123456") == "14e6d41cc1981dd9cb1a936739a0fc59bbccb1baa10f2b32598dce00b38a0326"


def test_hostile_values_verify_by_both_methods() -> None:
    random_ = random.Random(1)
    for _ in range(ROUNDS):
        values = hostile(random_, 36), hostile(random_, 100), hostile(random_, 32)
        text = message(*values)
        assert split_verifies(text, SIGN_KEY), values
        assert json.loads(text)["response"]["body"]["msg"] == values[1]
        if not any(word in value for word in ("response", "signature") for value in values):
            assert reencode_verifies(text, SIGN_KEY), values


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_printable_text_verifies(text: str) -> None:
    made = message(text[:36], text, "p1")
    assert split_verifies(made, SIGN_KEY)
    if "response" not in text and "signature" not in text:
        assert reencode_verifies(made, SIGN_KEY)


@pytest.mark.php
def test_php_itself_encodes_the_same_bytes() -> None:
    random_ = random.Random(2)
    safe = [word for word in WORDS if word not in ("response", "signature")]
    values = ["".join(random_.choice(safe) for _ in range(8)) for _ in range(2000)]
    ours = [signing.encode({"body": {"msg": value, "orderAmount": 2100}}).decode() for value in values]
    program = (
        'foreach (json_decode(stream_get_contents(STDIN)) as $t) echo json_encode(json_decode($t)), "\\n";'
    )
    ran = subprocess.run(
        ["php", "-r", program], input=json.dumps(ours), capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == ours


def test_empty_keys_sign_and_verify_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        signing.sign(b"{}", "")
    assert not signing.verify(b"{}", hashlib.sha256(b"{}").hexdigest(), "")


def test_an_empty_object_is_not_written() -> None:
    with pytest.raises(ValueError, match="empty object"):
        signing.encode({"body": {"extra": {}}})
    assert signing.encode({"msg": "{}"}) == b'{"msg":"{}"}'


def test_the_slice_is_what_was_sent() -> None:
    raw = b' { "x" : [1.0, "\\/ \\u0072equest", {"request": {}}] } '.strip()
    for body in (
        b'{"request":' + raw + b',"signature":"x"}',
        b'{ "signature" : "x" ,\n"request" :\t' + raw + b" }",
    ):
        assert signing.read_message(body, "request").raw == raw


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 200), st.integers(0, 3))
def test_reader_and_json_module_agree_on_mutants(noise: bytes, at: int, kind: int) -> None:
    good = b'{"request":' + KNOWN + b',"signature":"' + b"0" * 64 + b'"}'
    at = at % len(good)
    mutants = [
        good[:at] + noise + good[at:],
        good[:at] + noise + good[at + len(noise) :],
        good[:at],
        good[at:],
    ]
    try:
        message = signing.read_message(mutants[kind], "request")
    except signing.NotAMessage:
        return
    # What is accepted is JSON for the standard module too, and the slice is that very value.
    whole = json.loads(mutants[kind])
    assert json.loads(message.raw) == whole["request"]
    assert message.raw in mutants[kind]


def test_one_byte_changed_anywhere_is_noticed() -> None:
    signature = signing.sign(KNOWN, SIGN_KEY)
    for at in range(len(KNOWN)):
        changed = KNOWN[:at] + bytes([KNOWN[at] ^ 1]) + KNOWN[at + 1 :]
        assert not signing.verify(changed, signature, SIGN_KEY)


CREATE = "/api/jspay/create"


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(8)
def test_an_unclosed_string_costs_one_look(merchant: Merchant) -> None:
    for _ in range(5):
        answer = merchant.post(CREATE, b"[]" * 17 + b'"' + b'\\"' * 32_700)
        assert json.loads(answer.content)["response"]["body"]["code"] == 6


@pytest.mark.django_db(transaction=True)
def test_a_huge_exponent_from_anyone_is_no_500(merchant: Merchant) -> None:
    raw = b'{"request":{"header":{},"body":{"a":1e99999999999999999999}},"signature":""}'
    assert merchant.post(CREATE, raw).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"[]",
        b"{1: 2}",
        b'{"request": {"a": 1, "a": 2}}',
        b'{"request": {}, "request": {}}',
        b'{"request": {"a": NaN}}',
        b'{"request": {"a": 1e999}}',
        b'{"request": {"a": ' + b"1" * 65 + b"}}",
        b'{"request": {"a": "\\x"}}',
        b'{"request": {"a": ' + b"[" * 20 + b"]" * 20 + b"}}",
        b'{"request": {}} x',
        b'{"request": 1}',
        b"\xff",
    ],
)
def test_whatever_is_wrong_is_said_in_words_that_are_translated(body: bytes) -> None:
    with pytest.raises(signing.NotAMessage) as error:
        signing.read_message(body, "request")
    assert isinstance(error.value.args[0], Promise)
