"""When the signature is wrong: each mistake that integrators make is named, and no right signature is ever told."""

import base64
import hashlib
import hmac
import io
import json
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from scanforpay_django.models import Partner, SignKey
from scanforpay_django.operations.signature import diagnose
from scanforpay_django.operations.signature.findings import FINDING_TEXTS
from tests.merchant import SIGN_KEY, STORE_NO, Merchant, header, order_body

pytestmark = pytest.mark.django_db
OLD_KEY, OTHER_KEY, FUTURE_KEY = "an-older-key-of-10001", "the-key-of-10002", "not-yet-a-key"
URL = "https://shop.example/notify?a=1&b=2"


def sha(text: bytes, key: str) -> str:
    return hashlib.sha256(text + key.encode()).hexdigest()


def value(**changes: Any) -> dict[str, Any]:
    """A request's value, with a slash and Chinese in it."""
    return {"header": header(**changes), "body": order_body(notifyUrl=URL)}


def compact(what: Any) -> bytes:
    return json.dumps(what, separators=(",", ":"), ensure_ascii=False).encode()


def sent(raw: bytes, signature: object) -> bytes:
    return b'{"request":' + raw + b',"signature":' + json.dumps(signature).encode() + b"}"


@pytest.fixture
def keys(merchant: Merchant) -> Merchant:
    """The merchant's old and future keys, and another partner's."""
    now = timezone.now()
    other = Partner.objects.create(partner_no="10002", name="Coffee house")
    for partner, name, secret, begins, ends in (
        (merchant.partner, "last year's", OLD_KEY, now - timedelta(days=400), now - timedelta(days=1)),
        (merchant.partner, "next year's", FUTURE_KEY, now + timedelta(days=1), None),
        (other, "1", OTHER_KEY, now, None),
    ):
        key = SignKey(partner=partner, name=name, valid_from=begins, valid_until=ends)
        key.set_secret(secret)
        key.save()
    return merchant


def mistakes(raw: bytes, signature: object) -> list[str]:
    """What is found, after it was checked that nothing gives the right signature away."""
    found = diagnose(sent(raw, signature))
    told = " ".join(str(one) for one in found.findings).lower()
    for secret in (SIGN_KEY, OLD_KEY, OTHER_KEY, FUTURE_KEY):
        right = sha(raw, secret)
        assert right not in told
        assert hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest() not in told
        assert secret not in told
    return [one.code for one in found.findings]


def test_a_right_signature_is_right(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["right"]
    assert mistakes(raw, sha(raw, SIGN_KEY).upper()) == ["right", "upper_case"]


def php(raw: bytes) -> bytes:
    return raw.replace(b"/", b"\\/")


def shouted(raw: bytes) -> bytes:
    """The hex of every escape in upper case."""
    return re.sub(rb"\\u[0-9a-f]{4}", lambda found: b"\\u" + found[0][2:].upper(), raw)


WRITTEN_TWICE: list[Callable[[Any], bytes]] = [
    lambda what: json.dumps(what).encode(),
    lambda what: json.dumps(what, ensure_ascii=False).encode(),
    lambda what: json.dumps(what, separators=(",", ":")).encode(),
    lambda what: json.dumps(what, indent=2, ensure_ascii=False).encode(),
    lambda what: json.dumps(what, separators=(",", ":"), sort_keys=True).encode(),
    lambda what: php(json.dumps(what, separators=(",", ":")).encode()),
    lambda what: compact({"body": what["body"], "header": what["header"]}),
    lambda what: json.dumps(what, indent="\t", ensure_ascii=False).encode(),
    lambda what: json.dumps(what, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode(),
    lambda what: shouted(json.dumps(what, separators=(",", ":")).encode()),
    # .NET, Go and Gson, with their usual settings
    lambda what: (
        shouted(json.dumps(what, separators=(",", ":")).encode())
        .replace(b"&", b"\\u0026")
        .replace(b"+", b"\\u002B")
        .replace(b'\\"', b"\\u0022")
    ),
    lambda what: compact(what).replace(b"&", b"\\u0026"),
    lambda what: compact(what).replace(b"=", b"\\u003d").replace(b"&", b"\\u0026"),
]


@pytest.mark.parametrize("signed", WRITTEN_TWICE)
def test_json_that_was_written_twice(keys: Merchant, signed: Callable[[Any], bytes]) -> None:
    what = value()
    assert mistakes(compact(what), sha(signed(what), SIGN_KEY)) == ["reserialised"]


def test_slashes_escaped_on_one_side_only(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(php(raw), SIGN_KEY)) == ["slashes"]
    assert mistakes(php(raw), sha(raw, SIGN_KEY)) == ["slashes"]


@pytest.mark.parametrize("blank", ["\n", "\r\n", " ", "\t"])
def test_a_key_with_a_blank_or_line_break(keys: Merchant, blank: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY + blank)) == ["key_blank"]
    assert mistakes(raw, sha(raw, blank + SIGN_KEY)) == ["text_blank"]


def test_escapes_in_the_other_case(keys: Merchant) -> None:
    written = json.dumps(value(), indent=1).encode()
    # A backslash and u00e9 are no escape: neither program touches them.
    lower, upper = (b'{"note": "\\\\u00e9",' + text[1:] for text in (written, shouted(written)))
    assert mistakes(lower, sha(upper, SIGN_KEY)) == ["escapes"]
    assert mistakes(upper, sha(lower, SIGN_KEY)) == ["escapes"]


def test_line_ends_that_changed_on_the_way(keys: Merchant) -> None:
    raw = json.dumps(value(), indent=3).encode()
    crlf = raw.replace(b"\n", b"\r\n")
    assert mistakes(raw, sha(crlf, SIGN_KEY)) == ["line_ends"]
    assert mistakes(crlf, sha(raw, SIGN_KEY)) == ["line_ends"]


@pytest.mark.parametrize("mark", ["\0", "\ufeff"])
def test_a_key_with_what_nobody_sees(keys: Merchant, mark: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY + mark)) == ["key_invisible"]
    assert mistakes(raw, sha(raw, mark + SIGN_KEY)) == ["key_invisible"]


@pytest.mark.parametrize("between", [b"&key=", b"key="])
def test_a_key_that_is_named(keys: Merchant, between: bytes) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw + between, SIGN_KEY)) == ["key_named"]
    assert mistakes(raw, hashlib.md5(raw + between + SIGN_KEY.encode()).hexdigest()) == ["md5", "key_named"]


@pytest.mark.parametrize(
    ("taken", "code"),
    [
        (OLD_KEY, "old_key"),
        (FUTURE_KEY, "early_key"),
        (OTHER_KEY, "other_partner"),
        (f'"{SIGN_KEY}"', "key_quoted"),
        (SIGN_KEY.upper(), "key_case"),
        ("some other key", "unknown"),
    ],
)
def test_a_wrong_key(keys: Merchant, taken: str, code: str) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(raw, taken)) == [code]


def test_wrong_digests(keys: Merchant) -> None:
    raw, key = compact(value()), SIGN_KEY.encode()
    assert mistakes(raw, hmac.new(key, raw, hashlib.sha256).hexdigest()) == ["hmac"]
    assert mistakes(raw, hashlib.sha256(key + raw).hexdigest()) == ["key_first"]
    assert mistakes(raw, hashlib.sha256(raw).hexdigest()) == ["key_left_out"]
    assert mistakes(raw, hashlib.md5(raw + key).hexdigest()) == ["md5"]
    assert mistakes(raw, hashlib.sha1(raw + key).hexdigest()) == ["sha1"]
    assert mistakes(raw, hashlib.sha512(raw + key).hexdigest()) == ["sha512"]


def test_sign_types(keys: Merchant) -> None:
    raw = compact(value(signType="HMAC-SHA256"))
    keyed = hmac.new(SIGN_KEY.encode(), raw, hashlib.sha256).hexdigest()
    assert mistakes(raw, keyed) == ["hmac_not_allowed"]
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["plain"]
    Partner.objects.update(allow_hmac=True)
    assert mistakes(raw, keyed) == ["right"]
    for key in (" " + SIGN_KEY, SIGN_KEY + "\n"):
        blank = hmac.new(key.encode(), raw, hashlib.sha256).hexdigest()
        assert mistakes(raw, blank) == ["key_blank"]
    other = compact(value(signType="sha-256"))
    assert mistakes(other, sha(other, SIGN_KEY)) == ["sign_type"]


def test_the_wrong_part(keys: Merchant) -> None:
    what = value()
    raw = compact(what)
    without = b'{"request":' + raw + b"}"
    for part in (without, b'"request":' + raw, compact(what["body"]), compact(what["header"]), sent(raw, "")):
        assert mistakes(raw, sha(part, SIGN_KEY)) == ["wrong_part"]
    assert mistakes(raw, sha(raw + b"\n", SIGN_KEY)) == ["text_blank"]


def test_charsets(keys: Merchant) -> None:
    raw = compact(value())
    for charset in ("gb18030", "utf-16-le"):
        assert mistakes(raw, sha(raw.decode().encode(charset), SIGN_KEY)) == ["charset"]
    whole = raw.decode() + SIGN_KEY
    assert mistakes(raw, hashlib.sha256(whole.encode("utf-16-le")).hexdigest()) == ["charset"]
    whole = sent(raw, sha(raw, SIGN_KEY))
    for text in (whole.decode().encode("gb18030"), whole.decode().encode("utf-16"), b"\xef\xbb\xbf" + whole):
        assert [one.code for one in diagnose(text).findings] == ["charset"]


@pytest.mark.parametrize(
    ("signature", "codes"),
    [(None, ["missing"]), ("", ["missing"]), (7, ["missing"]), ("abc!", ["length"]), ("ab" * 31, ["length"])],
)
def test_what_is_no_signature(keys: Merchant, signature: object, codes: list[str]) -> None:
    assert mistakes(compact(value()), signature) == codes


def test_how_the_signature_is_written(keys: Merchant) -> None:
    raw = compact(value())
    digest = hashlib.sha256(raw + SIGN_KEY.encode()).digest()
    for written in (base64.b64encode(digest), base64.urlsafe_b64encode(digest).rstrip(b"=")):
        assert mistakes(raw, written.decode()) == ["base64"]
    assert mistakes(raw, base64.b64encode(digest.hex().encode()).decode()) == ["base64"]
    assert mistakes(raw, "0x" + digest.hex()) == ["hex_form"]
    assert mistakes(raw, digest.hex("-").upper()) == ["hex_form", "upper_case"]
    assert mistakes(raw, digest.hex(":")) == ["hex_form"]
    assert mistakes(raw, "0x" + sha(php(raw), SIGN_KEY)) == ["hex_form", "slashes"]
    assert mistakes(raw, digest.hex() + "\n") == ["blanks"]


def test_two_mistakes_at_once(keys: Merchant) -> None:
    raw = compact(value())
    assert mistakes(raw, sha(php(raw), SIGN_KEY + "\n")) == ["key_blank", "slashes"]
    assert mistakes(raw, sha(php(raw), OLD_KEY)) == ["old_key", "slashes"]
    anew = json.dumps(json.loads(raw)).encode()
    assert mistakes(raw, sha(anew, OLD_KEY)) == ["old_key", "reserialised"]
    assert mistakes(raw, sha(anew, OTHER_KEY)) == ["other_partner", "reserialised"]
    assert mistakes(raw, sha(raw + b"\n", OTHER_KEY)) == ["other_partner", "text_blank"]
    keyed = compact(value(signType="HMAC-SHA256"))
    others = hmac.new(OTHER_KEY.encode(), keyed, hashlib.sha256).hexdigest()
    assert mistakes(keyed, others) == ["other_partner"]


def test_the_clock_and_other_things_beside_the_signature(keys: Merchant) -> None:
    late = (timezone.now() - timedelta(hours=8)).isoformat(timespec="seconds")
    raw = compact(value(reqTime=late))
    found = diagnose(sent(raw, sha(raw, SIGN_KEY)))
    assert [one.code for one in found.findings] == ["right", "clock"]
    assert "-288" in str(found.findings[1])
    assert not found.is_right
    replayed = compact(value(respTime=late))
    assert mistakes(replayed, sha(replayed, SIGN_KEY)) == ["right", "replayed"]
    Partner.objects.filter(partner_no="10001").update(is_active=False)
    good = compact(value())
    assert mistakes(good, sha(good, SIGN_KEY)) == ["right", "partner_disabled"]


@pytest.mark.parametrize(
    ("changes", "codes", "told"),
    [
        ({"reqTime": ""}, ["field_missing"], "reqTime"),
        ({"reqTime": "2026-01-02 03:04:05"}, ["field_invalid"], "RFC 3339"),
        ({"reqTime": 1767294245}, ["field_invalid"], "reqTime"),
        ({"reqTime": "2026-02-31T00:00:00Z"}, ["field_invalid"], "reqTime"),
        ({"version": ""}, ["field_missing"], "version"),
        ({"version": "2.0"}, ["field_invalid"], "version"),
        ({"version": 1.0}, ["field_invalid"], "version"),
        ({"reqMsgId": "x" * 37}, ["field_invalid"], "36"),
        ({"version": "1", "reqTime": "0001-01-01T00:00:00+14:00"}, ["field_invalid", "clock"], "reqTime"),
    ],
)
def test_what_the_door_refuses_is_not_called_right(
    keys: Merchant, changes: dict[str, Any], codes: list[str], told: str
) -> None:
    raw = compact(value(**changes))
    found = diagnose(sent(raw, sha(raw, SIGN_KEY)))
    assert [one.code for one in found.findings] == ["right", *codes]
    assert told in " ".join(map(str, found.findings))
    assert not found.is_right
    answer = json.loads(keys.post("/api/jspay/create", sent(raw, sha(raw, SIGN_KEY))).content)
    assert answer["response"]["body"]["code"] in (3, 4, 5)


def test_nobody_and_nothing(merchant: Merchant) -> None:
    raw = compact(value(partnerNo="10009"))
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["no_partner"]
    SignKey.objects.all().delete()
    raw = compact(value())
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["no_key"]
    assert [one.code for one in diagnose(b"request=1&x=2").findings] == ["unreadable"]


# -- the doors -------------------------------------------------------------------------------------


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


@pytest.fixture
def staff(client: Client, django_user_model: Any) -> Client:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


def test_the_page_names_the_mistake(keys: Merchant, staff: Client) -> None:
    page = reverse("admin:scanforpay_signature")
    assert page in staff.get(reverse("admin:scanforpay_partner_changelist")).content.decode()
    what = value()
    raw = compact(what)
    pasted = sent(raw, sha(json.dumps(what).encode(), SIGN_KEY)).decode()
    told = staff.post(page, {"body": pasted}).content.decode()
    assert "JSON was written twice" in told
    assert pasted[:40] not in told
    upload = SimpleUploadedFile("r.json", sent(raw, sha(raw, SIGN_KEY)))
    assert "The signature is right." in staff.post(page, {"file": upload}).content.decode()
    assert "errorlist" in staff.post(page, {}).content.decode()


@pytest.mark.parametrize("named", ["\ud800", "\0", "9" * 5000, ["10001"]])
def test_a_partner_number_that_can_be_nobodys_is_said(keys: Merchant, staff: Client, named: object) -> None:
    raw = json.dumps(value(partnerNo=named)).encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode()
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "There is no partner" in told


def test_pasting_changes_line_breaks_and_that_is_no_mistake(keys: Merchant, staff: Client) -> None:
    raw = json.dumps(value(), indent=2).encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode().replace("\n", "\r\n")
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "The signature is right." in told


def test_pasting_does_not_hide_what_else_is_wrong(keys: Merchant, staff: Client) -> None:
    late = (timezone.now() - timedelta(hours=8)).isoformat(timespec="seconds")
    raw = json.dumps(value(reqTime=late), indent=2).replace("\n", "\r\n").encode()
    pasted = sent(raw, sha(raw, SIGN_KEY)).decode()
    told = staff.post(reverse("admin:scanforpay_signature"), {"body": pasted}).content.decode()
    assert "The signature is right." in told
    assert "Set the clock." in told


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "ja"])
def test_every_mistake_is_named_in_every_language(language: str) -> None:
    with translation.override(language):
        assert [code for code, text in FINDING_TEXTS.items() if gettext(text) == text] == []


def refusal(merchant: Merchant, raw: bytes, signature: str) -> dict[str, Any]:
    """The answer to a call that is not proven: never signed."""
    answer = json.loads(merchant.post("/api/jspay/create", sent(raw, signature)).content)
    assert (answer["response"]["body"]["code"], answer["signature"]) == (8, "")
    found: dict[str, Any] = answer["response"]["body"]
    return found


def test_partners_in_test_mode_are_told_in_msg(keys: Merchant) -> None:
    raw = compact(value())
    silent = refusal(keys, raw, sha(php(raw), SIGN_KEY))["msg"]
    keys.partner.test_mode = True
    keys.partner.save()
    keys.store.language = "en"
    keys.store.save()
    told = refusal(keys, raw, sha(php(raw), SIGN_KEY))["msg"]
    assert told.startswith("The signature is not valid. Signed and sent differ in how / is written")
    assert silent != told
    assert len(told) <= 100
    # Whose key it is otherwise, is nobody's business.
    assert "10002" not in refusal(keys, raw, sha(raw, OTHER_KEY))["msg"]
    assert "last year's" in refusal(keys, raw, sha(raw, OLD_KEY))["msg"]


def test_others_are_told_nothing(keys: Merchant) -> None:
    raw = compact(value())
    told = {refusal(keys, raw, sha(raw, key))["msg"] for key in (OLD_KEY, OTHER_KEY, "x")}
    stranger = compact(value(partnerNo="10009"))
    assert told | {refusal(keys, stranger, sha(stranger, SIGN_KEY))["msg"]} == {"签名不正确。"}


def test_a_store_number_is_needed_for_nothing_of_this(keys: Merchant) -> None:
    raw = compact({"header": header(), "body": {"storeNo": STORE_NO}})
    assert mistakes(raw, sha(raw, SIGN_KEY)) == ["right"]
