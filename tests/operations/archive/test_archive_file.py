"""Members are whole, or found out."""

import gzip
import os
from pathlib import Path

import pytest

from scanforpay_django.operations.archive.archive_file import ArchiveDamaged, ArchiveFile, Member
from scanforpay_django.operations.archive.totals import Totals

LINES = [[b'{"n":0}'], [b'{"n":1}', b'{"n":2}'], [b'{"n":3}'], []]


def write(path: Path) -> list[int]:
    """Four members; where each ends."""
    ends = []
    with path.open("w+b", buffering=0) as file:
        archive = ArchiveFile(file=file, name=path.name)
        for lines in LINES:
            archive.append(lines, Totals(orders=len(lines)), is_last=not lines)
            ends.append(archive.end)
    return ends


def read(path: Path) -> list[Member]:
    with path.open("rb", buffering=0) as file:
        return list(ArchiveFile(file=file, name=path.name).members())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jsonl.gz"


def test_members_are_read_as_they_were_written(path: Path) -> None:
    ends = write(path)
    members = read(path)
    assert [member.lines for member in members] == LINES
    assert [member.end for member in members] == ends
    assert [member.is_last for member in members] == [False, False, False, True]


def test_zcat_reads_it(path: Path) -> None:
    write(path)
    lines = gzip.decompress(path.read_bytes()).splitlines()
    assert [line for line in lines if b"closing" not in line] == [line for lines in LINES for line in lines]


def test_a_member_that_is_cut_short_anywhere_is_told_apart(path: Path) -> None:
    ends = write(path)
    whole = path.read_bytes()
    for size in range(ends[1] + 1, ends[2]):
        path.write_bytes(whole[:size])
        *_before, last = read(path)
        assert last.closing == {}
        assert last.start == ends[1]


def test_every_changed_byte_is_found(path: Path) -> None:
    write(path)
    whole = path.read_bytes()
    expected = [member.lines for member in read(path)]
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            found = read(path)
        except ArchiveDamaged:
            continue
        # The date and the system in a member's header say nothing; else something is missing at the end.
        assert [member.lines for member in found] == expected or not found[-1].closing


def test_a_member_that_was_taken_out_is_missed(path: Path) -> None:
    ends = write(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: ends[0]] + whole[ends[1] :])
    with pytest.raises(ArchiveDamaged, match="checksum"):
        read(path)


def test_the_last_member_is_cut_and_written_anew(path: Path) -> None:
    with path.open("w+b", buffering=0) as file:
        archive = ArchiveFile(file=file, name=path.name)
        archive.append([b"1"], Totals(orders=1))
        archive.append([b"2", b"3"], Totals(orders=2))
        archive.cut_last()
        archive.append([b"3"], Totals(orders=1))
        assert archive.totals.orders == 2
    assert [member.lines for member in read(path)] == [[b"1"], [b"3"]]


def test_a_full_disk_leaves_what_was_whole() -> None:
    with Path("/dev/full").open("r+b", buffering=0) as file:
        archive = ArchiveFile(file=file, name="full")
        with pytest.raises(OSError, match=r"No space left|Invalid argument"):
            archive.append([os.urandom(100).hex().encode()], Totals())
