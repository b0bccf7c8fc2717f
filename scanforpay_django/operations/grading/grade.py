"""Send the thirty notifications and judge the answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass

from scanforpay_django.conf import conf
from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.merchant_notify import answer
from scanforpay_django.operations.grading import forged, signed, true
from scanforpay_django.operations.grading.case import Case, Expected, Manner, Material, Message
from scanforpay_django.operations.grading.subject import NotGraded
from scanforpay_django.transport import HttpClient, Outcome, Sender, split_url

#: the false ones first: a shop that knows the order as paid may say "success" to anything about it
CASES: tuple[Case, ...] = (*forged.CASES, *signed.CASES, *true.CASES)
PAUSE_SECONDS = 2.0
#: longer than any send may take: the request stays half-sent until the other one is answered
HANGING_SECONDS = 3600.0
HANGS_FIRST_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What a shop did with one case."""

    case: Case
    is_right: bool
    # what it did, in words
    did: str
    # the longest answer
    duration_ms: int


def cases_for(material: Material) -> list[Case]:
    """The thirty. A partner that wants no refund notifications never gets one: its shop may answer as it likes."""
    wants_refunds = material.order.partner.notify_refunds
    return [
        case if wants_refunds or case.make is not true.make_refund else case.expecting(Expected.ANSWER)
        for case in CASES
    ]


@dataclass(frozen=True, kw_only=True)
class Grader:
    """A shop's address, and what is asked of it."""

    url: str
    material: Material
    # answers how often the order was credited, as a number; "" where the shop has no such address
    credits_url: str = ""

    def grade(self) -> Iterator[Judgement]:
        """One case after the other. Call it outside a transaction. Raises NotGraded."""
        counted = self._count_credits()
        for number, case in enumerate(cases_for(self.material)):
            outcomes = asyncio.run(self._send(case))
            if number == 0 and not outcomes[0].address:
                raise NotGraded(f"{self.url} cannot be reached: {outcomes[0].reason}.")
            before, counted = counted, self._count_credits()
            yield self._judge(case, outcomes, before, counted)

    async def _send(self, case: Case) -> Sequence[Outcome]:
        messages = case.make(self.material)
        origins = {split_url(self.url).origin}
        async with Sender(4, conf.notify_deadline_seconds, trusted_origins=origins) as sender:
            pause = PAUSE_SECONDS if case.manner is Manner.SLOWLY else 0.0

            async def send(message: Message) -> Outcome:
                return await sender.send(self.url, message.body, message.headers, pause_seconds=pause)

            if case.manner is not Manner.BESIDE_A_HANGING_ONE:
                return await asyncio.gather(*(send(message) for message in messages))
            async with _hanging(self.url, messages[0]):
                return [await send(message) for message in messages]

    def _judge(
        self, case: Case, outcomes: Sequence[Outcome], before: int | None, after: int | None
    ) -> Judgement:
        any_2xx = self.material.order.store.acknowledge_any_2xx
        taken = [answer.is_acknowledged(outcome, any_2xx=any_2xx) for outcome in outcomes]
        is_right = _RULES[case.expected](outcomes, taken)
        did = " and ".join(
            dict.fromkeys(
                _describe_answer(outcome, is_taken) for outcome, is_taken in zip(outcomes, taken, strict=True)
            )
        )
        if before is not None and after is not None:
            wanted = 1 if case.expected is Expected.ACKNOWLEDGE else before
            is_right = is_right and after == wanted
            if after != wanted:
                did += f"; the order has been credited {after} times, and it should be {wanted}"
        return Judgement(
            case=case, is_right=is_right, did=did, duration_ms=max(one.duration_ms for one in outcomes)
        )

    def _count_credits(self) -> int | None:
        """None where the shop does not say. Raises NotGraded."""
        if not self.credits_url:
            return None
        client = HttpClient(trusted_origins=[split_url(self.credits_url).origin], max_bytes=1024)
        try:
            return int(client.request("GET", self.credits_url).body.decode())
        except (ScanForPayError, ValueError) as error:
            raise NotGraded(
                f"{self.credits_url} does not answer how often the order was credited: {error}"
            ) from error


@contextlib.asynccontextmanager
async def _hanging(url: str, message: Message) -> AsyncIterator[None]:
    """Another request of which the last bytes do not come."""
    origins = {split_url(url).origin}
    async with Sender(1, HANGING_SECONDS, trusted_origins=origins) as sender:
        hangs = sender.send(url, message.body, message.headers, pause_seconds=HANGING_SECONDS)
        hanging = asyncio.create_task(hangs)
        await asyncio.sleep(HANGS_FIRST_SECONDS)
        try:
            yield
        finally:
            hanging.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await hanging


_RULES: dict[Expected, Callable[[Sequence[Outcome], Sequence[bool]], bool]] = {
    Expected.ACKNOWLEDGE: lambda _outcomes, taken: all(taken),
    # Silence is no refusal: a stranger holds a worker of the shop with it.
    Expected.REFUSE: lambda outcomes, taken: not any(taken) and None not in [one.status for one in outcomes],
    Expected.ANSWER: lambda outcomes, _taken: all(
        one.status is not None and one.status < 500 for one in outcomes
    ),
}


def _describe_answer(outcome: Outcome, is_taken: bool) -> str:
    if is_taken:
        return f"acknowledged it (HTTP {outcome.status})"
    if outcome.status is None:
        return f"gave no answer ({outcome.reason})"
    text = " ".join(answer.kept_answer(outcome).split())[:60]
    return f"refused it (HTTP {outcome.status}{f', “{text}”' if text else ''})"
