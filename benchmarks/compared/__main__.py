"""To the first paid order in three projects: ``python -m benchmarks.compared [--only NAME]``.

Makes an empty folder and an environment for each, types what docs/quickstart.md and docs/compared.md say, is the
customer, and prints the counts of docs/compared.md. Then the shop's own order is added, and its receiver fails once
or ends its process. Needs Python 3.12 or newer, as django-getpaid 3 does, and the package index. Six minutes.
"""

import re
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path

from benchmarks.compared.place import Place
from benchmarks.compared.recipe import Block, counts, told_by
from benchmarks.compared.shops import Getpaid, Ours, Payments, PaymentsByCallback
from benchmarks.compared.wording import as_written
from tests.chaos.services import ROOT

Shop = Payments | Getpaid | Ours
NAMES = ("django-payments", "django-getpaid", "scanforpay_django")


def built(folder: Path) -> str:
    """A wheel of this checkout."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    return str(next(folder.glob("scanforpay_django*.whl")))


def show(title: str, numbers: dict[str, int]) -> None:
    print(f"  {title}: " + ", ".join(f"{number} {what}" for what, number in numbers.items()))


def first_order(place: Place, name: str, told: list[Block], *, patient: bool) -> list[Shop]:
    """The quick start up to a paid order; the shops that go on from there."""
    quick = [block for block in told if not block.later]
    if name != "scanforpay_django":
        printed = place.follow(quick)
        shop: Shop = Payments(place) if name == "django-payments" else Getpaid(place)
        number = shop.first(printed)
        place.serve_if_dead()
        print(f"  customer sees {shop.pay(number)}; payment {shop.payment(number)}")
        return [shop, PaymentsByCallback(place)] if isinstance(shop, Payments) else [shop]
    *until_order, last = quick
    place.follow(until_order[:1])
    place.write("shop/settings.py", f'\nSCANFORPAY_BASE_URL = "{place.url}"\n')
    told_url = re.search(r"^Order +(\S+)$", place.follow(until_order[1:]), re.MULTILINE)
    assert told_url is not None
    (line,) = last.lines
    handled = re.search(r"^ship (\S+)$", place.run(line.replace("PAY_URL", told_url[1])), re.MULTILINE)
    assert handled is not None
    ours = Ours(place, patient=patient)
    print(f"  order {ours.payment(handled[1])}; the handler printed {handled[0]!r}")
    return [ours]


def trouble(place: Place, shop: Shop) -> None:
    """The shop's own order when its receiver works, raises, or ends its process."""
    for fault in ("", "raise", "die"):
        number = shop.order()
        if fault:
            place.trouble(fault)
        seen = shop.pay(number)
        if not isinstance(shop, Ours):
            place.serve_if_dead()
        print(f"  {shop.entrance}, {fault or 'no fault'}: {seen}; {state(shop, number)}")
        if fault:
            print(f"    {shop.again_is}: {shop.again(number)}; {state(shop, number)}")
    number, before = shop.order(), place.written()
    if isinstance(shop, Ours):
        shop.pay(number, "--fault notify-twice")
    else:
        shop.pay(number)
    print(f"  {shop.entrance}, told twice: {shop.repeat(number)}; written {place.written() - before} times")
    if type(shop) is not Payments:
        number = shop.order()
        shop.unheard(number)
        print(f"  no notification: {state(shop, number)}; {shop.ask(number)}: {state(shop, number)}")


def state(shop: Shop, number: str) -> str:
    return f"payment {shop.payment(number)}, shop's order {'paid' if shop.sale(number) else 'UNPAID'}"


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=NAMES)
    parser.add_argument("--patient", action="store_true", help="wait for a dead worker's lease: ten minutes")
    options = parser.parse_args()
    if sys.version_info < (3, 12):
        sys.exit("django-getpaid 3 needs Python 3.12")
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        for name in [options.only] if options.only else NAMES:
            instead = {}
            if name == "scanforpay_django":
                instead = {"pip install scanforpay_django": f"pip install {built(Path(temporary))}"}
            place = Place(Path(temporary) / name, sys.executable, instead=instead)
            stack.callback(place.stop)
            told = told_by(name)
            print(name)
            show("quick start", counts([block for block in told if not block.later]))
            show("with the shop's own order", counts(told))
            shops = first_order(place, name, told, patient=options.patient)
            frozen = place.run("pip freeze").splitlines()
            print(f"  {len(frozen)} packages:", ", ".join(line.split(" @ ")[0] for line in frozen))
            for line in as_written(place, name):
                print(f"  as written: {line}")
            place.with_the_shop(told)
            for shop in shops:
                trouble(place, shop)
            place.stop()


if __name__ == "__main__":
    main()
