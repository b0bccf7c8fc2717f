"""What a bill is packed in; what is no bill, in words."""

import gzip
import io
import struct
import zipfile
import zlib

import pytest

from scanforpay_django.exceptions import BillRefused
from scanforpay_django.wallets.bills import unpack
from scanforpay_django.wallets.bills.unpack import open_parts
from tests.wallets.bills.samples import zipped

pytestmark = pytest.mark.sqlite


def unpacked(packed: bytes) -> dict[str, bytes]:
    """Name -> content."""
    found = {}
    for part in open_parts(io.BytesIO(packed)):
        content = b""
        while block := part.file.read(1000):
            content += block
        found[part.name] = content
    return found


def refusal(packed: bytes) -> str:
    """Why it is refused."""
    with pytest.raises(BillRefused) as caught:
        unpacked(packed)
    return caught.value.text


RAW = "交易时间,茶\n".encode() * 3000


def test_a_file_comes_plain_or_packed() -> None:
    assert unpacked(RAW) == unpacked(gzip.compress(RAW)) == {"": RAW}
    assert unpacked(gzip.compress(RAW[:500]) + gzip.compress(RAW[500:]) + b"\0\0") == {"": RAW}
    assert unpacked(b"") == {"": b""}


def test_names_of_an_archive_are_gbk_without_a_flag() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("业务明细.csv", b"a")
    flagless = packed.getvalue().replace("业务明细".encode(), "业务明细".encode("gbk").ljust(12, b"_"))
    flagless = flagless.replace(struct.pack("<H", 0x800), b"\0\0")
    assert list(unpacked(packed.getvalue())) == ["业务明细.csv"]
    assert list(unpacked(flagless)) == ["业务明细____.csv"]


def test_a_torn_gzip_is_refused_at_every_byte() -> None:
    packed = gzip.compress(RAW, mtime=0)
    for end in range(2, len(packed)):
        assert refusal(packed[:end]) == BillRefused.TORN


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_with_any_byte_wrong_is_read_or_refused(compression: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        archive.writestr("details.csv", b"#x\r\n" + b"tea" * 100)
    whole = made.getvalue()
    for position in range(len(whole)):
        for byte in (0, 0xFF, whole[position] ^ 1):
            for packed in (whole[:position] + bytes([byte]) + whole[position + 1 :], whole[:position]):
                try:
                    unpacked(packed)
                except BillRefused:
                    continue


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(compression: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        archive.writestr("details.csv", b"#x\r\n" + b"tea" * 100)
    assert refusal(made.getvalue()) == BillRefused.TORN


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "FREE", 1 << 20)
    bomb = zlib.compress(b"\0" * (32 << 20))
    assert len(bomb) < 1 << 16
    assert refusal(gzip.compress(b"\0" * (32 << 20))) == BillRefused.TOO_LARGE
    assert refusal(zipped(bomb__csv=b"\0" * (32 << 20))) == BillRefused.TOO_LARGE
    assert refusal(zipped(**{f"b{n}__csv": b"\0" * (512 << 10) for n in range(16)})) == BillRefused.TOO_LARGE


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "a/../../x.csv", "..\\x.csv", "C:\\x.csv"])
def test_names_that_lead_out_of_an_archive_are_refused(name: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"a")
    assert refusal(packed.getvalue()) == BillRefused.UNSAFE


def test_what_is_no_bill_is_refused_in_words() -> None:
    encrypted = bytearray(zipped(a__csv=b"a"))
    encrypted[6] |= 1
    encrypted[encrypted.index(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(encrypted)) == BillRefused.ENCRYPTED
    assert refusal(zipped(**{"[Content_Types]__xml": b"<x/>", "xl/a__xml": b""})) == BillRefused.SPREADSHEET
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == BillRefused.SPREADSHEET
    assert refusal(b"%PDF-1.7") == BillRefused.SPREADSHEET
    assert refusal("交易时间".encode("utf-16")) == BillRefused.UTF_16
    assert refusal(zipped(a__zip=b"PK")) == BillRefused.NESTED
    assert refusal(zipped()) == BillRefused.NO_FILES
    assert refusal(zipped(**{f"a{n}__csv": b"" for n in range(unpack.MAX_PARTS + 1)})) == BillRefused.NO_FILES


def test_a_stream_of_members_without_end_is_refused() -> None:
    """Each takes time and gives nothing that could be counted."""
    member = gzip.compress(b"", mtime=0)
    assert unpacked(gzip.compress(b"tea") + member * 500) == {"": b"tea"}
    assert refusal(member * (unpack.MAX_MEMBERS + 1)) == BillRefused.TOO_LARGE
