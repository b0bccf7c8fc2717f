"""An account's go-live list as the shell prints it."""

from collections.abc import Callable

from scanforpay_django.operations.set_up.go_live import GoLiveList, Line


def write_go_live(found: GoLiveList, write: Callable[[str], object]) -> None:
    """A line for each step, with what is entered where, and what was seen."""
    write(f"\nGo-live list of {found.account}: {found.done} of {len(found.lines)} steps are done\n\n")
    for line in found.lines:
        value = f": {line.value}" if line.value else ""
        write(f"  {_mark(line)} {line.step.title}{value}\n")
        for text in (str(line.step.where), line.seen, _say_who(line)):
            if text:
                write(f"         {text}\n")


def _mark(line: Line) -> str:
    if line.is_failed:
        return "FAILED"
    return "done  " if line.is_done else "open  "


def _say_who(line: Line) -> str:
    return f"Confirmed by {line.confirmed_by}." if line.confirmed_by else ""
