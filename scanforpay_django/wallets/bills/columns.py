"""A line's pieces and the head's columns: which piece is which, also where commas are not quoted."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

#: more surplus separators in one line are not tried: the ways to place them grow with their third power
MAX_SURPLUS = 20

# "-12", "0.1", ".5"; not "": nothing is cut off there
_NUMBER = re.compile(r"[-+0-9.]+")

#: whether a value has the form that its column always has; None: free text, which may hold a separator
Form = Callable[[str], bool] | None


def one_piece(text: str) -> bool:
    """Of a column whose values never hold a separator, and have no other form: another system's number."""
    return "\t" not in text


def stripped(form: Form) -> Form:
    """The form, without what stands around a value."""
    return None if form is None else lambda piece: form(piece.strip())


def ended_with_tab(form: Form) -> Form:
    """The form in a file that puts a tab behind the column's values: half a value has none."""
    return None if form is None else lambda piece: piece.endswith("\t") and form(piece.strip())


def place(
    pieces: Sequence[str], forms: Sequence[Form], weak: frozenset[int] = frozenset()
) -> list[str] | None:
    """The values of the columns where there are more pieces than columns; None where that is not certain.

    A column with a form takes one piece that has it, and free text takes what lies between. Where that can be done in
    two ways that give the formed columns other values, no way is taken: a title must not move an amount. ``weak`` are
    the columns whose form half a value has too, such as another system's number.
    """
    surplus = len(pieces) - len(forms)
    if not 0 <= surplus <= MAX_SURPLUS:
        return None
    runs = _find_runs(forms)
    possible = [
        [
            shift
            for shift in range(surplus + 1)
            if all(_fits(forms[at], pieces[at + shift]) for at in range(begin, end))
        ]
        for begin, end in runs
    ]
    ways = _find_ways(possible, runs, surplus, len(forms))
    readings = {
        tuple(
            piece
            for (begin, end), shift in zip(runs, way, strict=True)
            for piece in pieces[begin + shift : end + shift]
        )
        for way in ways
    }
    if len(readings) != 1 or _cuts_a_value(pieces, weak, runs, ways[0], len(forms)):
        return None
    return _take(pieces, runs, ways[0], surplus, len(forms))


def _cuts_a_value(
    pieces: Sequence[str],
    weak: frozenset[int],
    runs: Sequence[tuple[int, int]],
    way: Sequence[int],
    width: int,
) -> bool:
    """Whether what free text took may be a part of its neighbour: of a number ("1,234.00" is no text that ends with 1
    and an amount of 234), or of a value that has no form to be known by.
    """
    begins = [begin + shift for (begin, _), shift in zip(runs, way, strict=True)]
    ends = [end + shift for (_, end), shift in zip(runs, way, strict=True)]
    # (columns beside the gap, its pieces, how many columns it has)
    gaps: list[tuple[tuple[int, ...], Sequence[str], int]] = [
        ((end - 1, following), pieces[last:first], following - end)
        for (_, end), last, (following, _), first in zip(runs, ends, runs[1:], begins[1:], strict=False)
    ]
    gaps += [((runs[0][0],), pieces[: begins[0]], runs[0][0])]
    gaps += [((runs[-1][1] - 1,), pieces[ends[-1] :], width - runs[-1][1])]
    return any(
        len(taken) > columns and (weak.intersection(beside) or any(map(_is_number, taken)))
        for beside, taken, columns in gaps
    )


def _is_number(piece: str) -> bool:
    return _NUMBER.fullmatch(piece.strip()) is not None


def _fits(form: Form, piece: str) -> bool:
    return form is not None and form(piece)


def _find_runs(forms: Sequence[Form]) -> list[tuple[int, int]]:
    """Columns with a form that stand beside each other: (first, behind the last)."""
    edges = [
        at
        for at, (one, other) in enumerate(pairwise([None, *forms, None]))
        if (one is None) != (other is None)
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _find_ways(
    possible: Sequence[Sequence[int]], runs: Sequence[tuple[int, int]], surplus: int, width: int
) -> list[tuple[int, ...]]:
    """The shifts of the runs that can be true together."""
    ways: list[tuple[int, ...]] = [()]
    for (begin, end), shifts in zip(runs, possible, strict=True):
        found = []
        for way in ways:
            least = way[-1] if way else 0
            for shift in shifts:
                # Nothing free stands before the first run, or behind the last one.
                is_first, is_last = begin == 0, end == width
                if shift >= least and not (is_first and shift) and not (is_last and shift != surplus):
                    found.append((*way, shift))
        ways = found
    return ways


def _take(
    pieces: Sequence[str], runs: Sequence[tuple[int, int]], way: Sequence[int], surplus: int, width: int
) -> list[str]:
    """What lies between two runs is the first free column's, less one piece for each of the others."""
    shift_of = {at: shift for (begin, end), shift in zip(runs, way, strict=True) for at in range(begin, end)}
    values: list[str] = []
    taken = 0
    for at in range(width):
        if at in shift_of:
            begin, end = at + shift_of[at], at + shift_of[at] + 1
        else:
            following = next((later for later in range(at + 1, width) if later in shift_of), width)
            last = following + shift_of.get(following, surplus)
            begin, end = taken, last - (following - at - 1)
        values.append(",".join(pieces[begin:end]))
        taken = end
    return values


def split_quoted(line: str, separator: str) -> list[str] | None:
    """The values of a line as spreadsheets quote it; None where its quotes do not match."""
    try:
        return next(csv.reader([line], delimiter=separator, strict=True))
    except (csv.Error, StopIteration):
        return None


def clean_name(name: str) -> str:
    """A column's name without what is put around it."""
    return name.strip(' \t"`\ufeff')


def find_columns(head: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Where the columns stand: our name -> position. A column has had several names. Raises ValueError for a name that
    stands twice.
    """
    at = {name: position for position, name in enumerate(head) if name}
    if len(at) != len([name for name in head if name]):
        raise ValueError("a column stands twice")
    found = {}
    for ours, theirs in names.items():
        positions = [at[name] for name in theirs if name in at]
        if len(positions) > 1:
            raise ValueError(f"two columns are {ours}")
        if positions:
            found[ours] = positions[0]
    return found
