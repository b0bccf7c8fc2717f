"""What the grader says of a shop."""

from http.server import HTTPServer, ThreadingHTTPServer

from scanforpay_django.operations.grading.grade import Grader, Judgement
from scanforpay_django.operations.grading.subject import find_material
from tests.merchant import PARTNER_NO, Merchant
from tests.operations.grading.shops import Shop, serving


def grade(
    merchant: Merchant,
    kind: type[Shop],
    *,
    counts: bool = False,
    server_class: type[HTTPServer] = ThreadingHTTPServer,
) -> list[Judgement]:
    """Of a new order in a shop of that kind."""
    merchant.create(partnerOrderNo="p1")
    with serving(kind("p1"), server_class) as url:
        material = find_material(PARTNER_NO, "p1")
        grader = Grader(url=f"{url}/notify", material=material, credits_url=f"{url}/" if counts else "")
        return list(grader.grade())


def wrong(judged: list[Judgement]) -> set[str]:
    return {one.case.name for one in judged if not one.is_right}


def names(cases: tuple[object, ...]) -> set[str]:
    return {case.name for case in cases}  # type: ignore[attr-defined]
