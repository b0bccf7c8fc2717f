"""Many keys as a short text: "1-5,7,9-12"."""

from collections.abc import Iterable, Iterator


def write_ranges(keys: Iterable[int]) -> str:
    """Ordered, each key once."""
    ranges: list[list[int]] = []
    for key in sorted(set(keys)):
        if ranges and key == ranges[-1][1] + 1:
            ranges[-1][1] = key
        else:
            ranges.append([key, key])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def read_ranges(text: str) -> Iterator[range]:
    """What was written. Raises ValueError for another text."""
    for part in text.split(",") if text else ():
        first, _dash, last = part.partition("-")
        yield range(int(first), int(last or first) + 1)
