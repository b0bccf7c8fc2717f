"""A line of a bill as it came, read from the file that is kept."""

from scanforpay_django.models import BillFile
from scanforpay_django.wallets.bills.blocks import TextBlocks
from scanforpay_django.wallets.bills.part_reader import kept_text
from scanforpay_django.wallets.bills.unpack import Part, open_parts

#: characters of a line that are shown
MAX_SHOWN = 2000


def read_raw_line(bill: BillFile, part: int, number: int) -> str:
    """The line by its place, as ``BillLine`` has it: part of the archive from 0 on, line from 1 on. At most 2,000
    characters, NUL written as \\0; "" where there is no such line. The file is read up to the line, block by block.

    Raises BillRefused for a file that cannot be unpacked, OSError or ImproperlyConfigured where it cannot be opened.
    """
    if not bill.packed:
        return ""
    with bill.packed.open("rb") as packed:
        for place, one in enumerate(open_parts(packed)):
            if place == part:
                return _find_line(one, number)
    return ""


def _find_line(part: Part, number: int) -> str:
    for first, lines in TextBlocks(part.file):
        if first <= number < first + len(lines):
            return kept_text(lines[number - first], MAX_SHOWN)
    return ""
