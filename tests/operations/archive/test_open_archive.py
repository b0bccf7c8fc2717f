"""Which files are written, gone on with, and left alone."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from scanforpay_django.models import Order
from scanforpay_django.operations.archive.archive_file import ArchiveError
from scanforpay_django.operations.archive.archive_orders import archive_orders
from scanforpay_django.operations.archive.import_orders import import_orders
from scanforpay_django.operations.archive.open_archive import open_for_reading, open_for_writing
from tests.operations.archive.closed_orders import YEAR_AGO, archive, everything, is_empty, make_orders, path
from tests.rows import Rows

__all__ = ["path"]
pytestmark = pytest.mark.django_db(transaction=True)


class Stopped(Exception):
    """The run ends after a batch."""


def stop_after_first(path: Path) -> None:
    """A run that ended after its first batch of two orders."""

    def stop(_totals: object) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        archive(path, batch=2, report=stop)


def test_only_the_owner_may_read_it(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    archive(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"somebody's letters", b"\x1f\x8b\x08\x00\x00", b"\0" * 100])
def test_a_file_that_is_no_archive_is_left_as_it_is(rows: Rows, path: Path, content: bytes) -> None:
    make_orders(rows, 1)
    path.write_bytes(content)
    with pytest.raises(ArchiveError):
        archive(path)
    assert path.read_bytes() == content
    assert Order.objects.count() == 1


def test_a_link_is_not_followed(rows: Rows, path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        archive(path)
    assert not (tmp_path / "elsewhere").exists()


def test_two_runs_do_not_write_one_file(path: Path) -> None:
    with open_for_writing(path, YEAR_AGO), pytest.raises(ArchiveError, match="another run"):
        archive(path)


def test_a_run_that_ended_goes_on(rows: Rows, path: Path) -> None:
    make_orders(rows, 5)
    before = everything()
    stop_after_first(path)
    assert Order.objects.count() == 3
    assert archive(path, batch=2).totals.orders == 5
    assert is_empty()
    import_orders(path)
    assert everything() == before


def test_with_another_date_it_does_not_go_on(rows: Rows, path: Path) -> None:
    make_orders(rows, 3)
    stop_after_first(path)
    with pytest.raises(ArchiveError, match="the same version and date"):
        archive_orders(path, YEAR_AGO - timedelta(days=1))


def test_after_an_import_it_does_not_go_on(rows: Rows, path: Path) -> None:
    first, *_others = make_orders(rows, 3)
    stop_after_first(path)
    import_orders(path, {first.order_no})
    with pytest.raises(ArchiveError, match=r"1 orders of old\.jsonl\.gz are in the database again"):
        archive(path)


def test_a_member_that_is_cut_short_is_written_anew(rows: Rows, path: Path) -> None:
    make_orders(rows, 5)
    before = everything()
    whole = path.with_name("whole")
    archive(whole, batch=2)
    import_orders(whole)
    with open_for_reading(whole) as (_header, _file, members):
        first = next(members)
    # Killed while it wrote the first batch, at many places.
    for size in (*range(first.start, first.end, 97), first.end - 1, first.end):
        path.write_bytes(whole.read_bytes()[:size])
        assert archive(path, batch=2).totals.orders == 5
        assert is_empty()
        import_orders(path)
        assert everything() == before


def test_a_copy_that_is_cut_short_is_left_as_it_is(rows: Rows, path: Path) -> None:
    make_orders(rows, 4)
    stop_after_first(path)
    cut = path.read_bytes()[:-20]
    path.write_bytes(cut)
    # Its orders are not in the database: to cut them off would lose them.
    with pytest.raises(ArchiveError, match="cut short"):
        archive(path)
    assert path.read_bytes() == cut
