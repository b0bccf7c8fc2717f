"""``manage.py scanforpay_grade``: what a shop does with thirty notifications, most of them false."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from scanforpay_django.models import Order
from scanforpay_django.operations.forwarding import NotForwarded, read_target
from scanforpay_django.operations.grading.case import Expected
from scanforpay_django.operations.grading.grade import Grader, Judgement
from scanforpay_django.operations.grading.subject import NotGraded, find_material

SHOULD = {
    Expected.ACKNOWLEDGE: "answer 2xx with the text success",
    Expected.REFUSE: "refuse it, with 400 for example",
    Expected.ANSWER: "answer, whatever it likes",
}


class Command(BaseCommand):
    """Plays both sides: us, and somebody who is not us."""

    help = (
        "Sends thirty notifications about a sandbox order to a shop's notify address: forged, changed, about other "
        "amounts and orders, twice at once, slowly. Says what the shop did, what it should have done and why. Exits "
        "with 1 unless all thirty are right. Nothing is changed here; in the shop the order becomes paid."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the shop's notify address, e.g. http://localhost:3000/notify")
        parser.add_argument("--partner", required=True, help="partner number")
        parser.add_argument(
            "--order",
            required=True,
            help="number of an order that the shop has created and not been paid for",
        )
        parser.add_argument(
            "--credits-url",
            default="",
            metavar="URL",
            help="an address of the shop that answers how often the order was credited: it is asked after each case",
        )
        parser.add_argument("--json", action="store_true", help="for programs: one object a line")

    def handle(self, *_args: Any, **options: Any) -> None:
        self._is_json = options["json"]
        try:
            material = find_material(options["partner"], options["order"])
            credits_url = options["credits_url"] and read_target(options["credits_url"])
            grader = Grader(url=read_target(options["url"]), material=material, credits_url=credits_url)
            if not self._is_json:
                self._introduce(grader.url, material.order)
            judged = []
            for judgement in grader.grade():
                judged.append(judgement)
                self._show(len(judged), judgement)
        except (NotGraded, NotForwarded) as error:
            raise CommandError(str(error)) from error
        right = sum(one.is_right for one in judged)
        if not self._is_json:
            self._say(f"\n{right} of {len(judged)}")
        if right < len(judged):
            raise SystemExit(1)

    def _introduce(self, url: str, order: Order) -> None:
        self._say(f"Grading {url} with the sandbox order {order.partner_order_no}.")
        if order.state == Order.State.PAID:
            self._say(
                "It is paid already: a shop that knows this may say success to what it would have refused."
            )

    def _show(self, number: int, judgement: Judgement) -> None:
        case = judgement.case
        if self._is_json:
            row = {
                "number": number,
                "case": case.name,
                "right": judgement.is_right,
                "expected": case.expected.value,
                "did": judgement.did,
                "ms": judgement.duration_ms,
            }
            self._say(json.dumps(row, ensure_ascii=False))
            return
        self._say(f"{number:2}. {'right' if judgement.is_right else 'WRONG'}  {case.title}")
        if judgement.is_right:
            return
        self._say(f"      The shop should:  {SHOULD[case.expected]}.")
        self._say(f"      What it did:      {judgement.did}, after {judgement.duration_ms} ms.")
        self._say(f"      Why it matters:   {case.why}")
        self._say(f"      What to change:   {case.change}")

    def _say(self, line: str) -> None:
        """At once: a case may take seconds."""
        self.stdout.write(line)
        self.stdout.flush()
