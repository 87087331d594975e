"""The histories of the demo office's dossiers: short stories, made of moves of `lifecycle`.

A story ends at the present, so recent dossiers are in every state.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.core.files.base import ContentFile

from onestop.catalog.calendar import Calendar
from onestop.catalog.models import Agency, Phase, Procedure, SubmissionChannel
from onestop.dossiers import lifecycle
from onestop.dossiers.deadlines.rules import add_working_time
from onestop.dossiers.models import ApplicantKind, Dossier, Fee, Paper, ReturnMethod
from onestop.dossiers.store import DATABASE, Store
from onestop.staff.models import Role, User

from .people import address, person

# The smallest file that every viewer opens as a blank page.
SCAN = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)


class Present(Exception):
    """The next move of the story would be after today."""


@dataclass
class Case:
    """One dossier and its people. `now` advances with the story, never past `today`."""

    dossier: Dossier
    staff: Mapping[Role, User]
    random: Random
    calendar: Calendar
    now: datetime
    today: datetime
    store: Store = DATABASE

    def after(self, least: float, most: float) -> datetime:
        """The instant a drawn number of working hours later. Raises Present if that is after today."""
        seconds = round(self.random.uniform(least, most) * 3600)
        then = add_working_time(self.now, timedelta(seconds=seconds), self.calendar)
        if then > self.today:
            raise Present
        self.now = then
        return then

    def within_limit(self, share: float) -> datetime:
        """The instant at which about `share` of the time until the due date has passed."""
        due = self.dossier.due_at
        hours = max((due - self.now) / timedelta(hours=1) / 3, 1) if due else 40
        return self.after(hours * share * 0.8, hours * share)


# ---- how it comes in


def at_the_counter(case: Case) -> None:
    dossier = case.dossier
    papers = [
        Paper(
            procedure_paper=paper,
            name=paper.name,
            quantity=max(paper.originals + paper.copies, 1),
            form=Paper.usual_form(paper),
            received_at=case.now,
            received_by=case.staff[Role.RECEPTION].full_name,
        )
        for paper in dossier.procedure.papers.all()
    ]
    fees = [
        Fee(
            name=fee.name,
            amount=fee.amount,
            paid_at=case.now,
            method=Fee.Method.CASH,
            receipt_no=f"BL{case.random.randrange(10**5):05}",
        )
        for fee in dossier.procedure.fees.all()
        if fee.amount and getattr(fee, dossier.channel)
    ]
    files = [ContentFile(SCAN, "to-khai.pdf")] if case.random.random() < 0.1 else []
    lifecycle.receive(
        dossier, case.staff[Role.RECEPTION], at=case.now, papers=papers, fees=fees, files=files, store=case.store
    )


def on_the_portal(case: Case) -> None:
    """The citizen files it on the national portal, which gives its code."""
    dossier = case.dossier
    dossier.channel, dossier.from_portal = SubmissionChannel.ONLINE, True
    dossier.code = f"G22.99.01-{case.now:%y%m%d}-{case.random.randrange(10**6, 10**7)}"
    lifecycle.register(dossier, None, at=case.now, store=case.store)


# ---- what may happen on the way


def work(case: Case) -> None:
    lifecycle.start(case.dossier, case.staff[Role.OFFICER], at=case.after(0.5, 6), store=case.store)


def finish(case: Case, share: float = 0.5) -> None:
    lifecycle.approve(case.dossier, case.staff[Role.MANAGER], at=case.within_limit(share), store=case.store)
    lifecycle.return_result(case.dossier, case.staff[Role.RECEPTION], at=case.after(0.5, 16), store=case.store)


def ask_for_papers(case: Case, at: datetime) -> None:
    lifecycle.ask_supplement(
        case.dossier,
        case.staff[Role.OFFICER],
        comment="Đề nghị bổ sung bản sao giấy tờ tùy thân còn giá trị.",
        papers=[Paper(name="Bản sao giấy tờ tùy thân", quantity=1, phase=Phase.SUPPLEMENT)],
        at=at,
        store=case.store,
    )


def ask_for_money(case: Case, at: datetime) -> None:
    amount = case.random.randrange(100, 5000) * 1000
    lifecycle.ask_payment(
        case.dossier,
        case.staff[Role.OFFICER],
        fees=[Fee(name="Nghĩa vụ tài chính theo thông báo", amount=amount, phase=Phase.SUPPLEMENT)],
        comment="Theo thông báo nộp tiền.",
        at=at,
        store=case.store,
    )


def smooth(case: Case) -> None:
    at_the_counter(case)
    work(case)
    finish(case)


def online(case: Case) -> None:
    on_the_portal(case)
    lifecycle.accept(case.dossier, case.staff[Role.RECEPTION], at=case.after(0.5, 7), store=case.store)
    work(case)
    finish(case)


def turned_away_online(case: Case) -> None:
    on_the_portal(case)
    lifecycle.refuse(
        case.dossier,
        case.staff[Role.RECEPTION],
        comment="Hồ sơ không thuộc thẩm quyền giải quyết của phường.",
        at=case.after(0.5, 7),
        store=case.store,
    )


def turned_away_at_the_counter(case: Case) -> None:
    lifecycle.register(case.dossier, case.staff[Role.RECEPTION], at=case.now, store=case.store)
    lifecycle.refuse(
        case.dossier,
        case.staff[Role.RECEPTION],
        comment="Giấy tờ nộp không hợp lệ.",
        at=case.after(0.1, 0.3),
        store=case.store,
    )


def late(case: Case) -> None:
    at_the_counter(case)
    work(case)
    finish(case, share=1.6)


def denied(case: Case) -> None:
    at_the_counter(case)
    work(case)
    lifecycle.deny(
        case.dossier,
        case.staff[Role.MANAGER],
        comment="Không đủ điều kiện theo quy định.",
        at=case.within_limit(0.6),
        store=case.store,
    )
    lifecycle.return_result(case.dossier, case.staff[Role.RECEPTION], at=case.after(1, 16), store=case.store)


def supplemented(case: Case, rounds: int = 1) -> None:
    at_the_counter(case)
    work(case)
    for _round in range(rounds):
        ask_for_papers(case, case.within_limit(0.2))
        lifecycle.receive_supplement(
            case.dossier,
            case.staff[Role.RECEPTION],
            comment="Đã nộp đủ.",
            at=case.after(4, 60),
            store=case.store,
        )
    finish(case)


def supplemented_twice(case: Case) -> None:
    supplemented(case, rounds=2)


def paid(case: Case) -> None:
    at_the_counter(case)
    work(case)
    ask_for_money(case, case.within_limit(0.3))
    lifecycle.receive_payment(
        case.dossier,
        case.staff[Role.RECEPTION],
        method=Fee.Method.TRANSFER,
        receipt_no=f"NH{case.random.randrange(10**6):06}",
        at=case.after(4, 60),
        store=case.store,
    )
    finish(case)


def withdrawn(case: Case) -> None:
    at_the_counter(case)
    lifecycle.withdraw(
        case.dossier,
        case.staff[Role.RECEPTION],
        comment="Công dân đề nghị rút hồ sơ.",
        at=case.within_limit(0.2),
        store=case.store,
    )


def stopped(case: Case) -> None:
    at_the_counter(case)
    work(case)
    lifecycle.stop(
        case.dossier,
        case.staff[Role.MANAGER],
        comment="Đang có tranh chấp, chờ kết luận.",
        at=case.within_limit(0.5),
        store=case.store,
    )


def extended(case: Case) -> None:
    at_the_counter(case)
    work(case)
    at = case.within_limit(0.5)
    if case.dossier.due_at is not None and case.dossier.due_at > at:
        lifecycle.extend(
            case.dossier,
            case.staff[Role.MANAGER],
            due_at=add_working_time(case.dossier.due_at, timedelta(hours=16), case.calendar),
            comment="Xin lỗi vì cần thêm thời gian xác minh.",
            at=at,
            store=case.store,
        )
    finish(case, share=0.8)


def handed_over(case: Case) -> None:
    at_the_counter(case)
    lifecycle.hand_over(
        case.dossier,
        case.staff[Role.RECEPTION],
        officer=case.staff[Role.OFFICER],
        comment="Chuyển cán bộ thụ lý.",
        at=case.after(0.1, 2),
        store=case.store,
    )
    work(case)
    # The leader has signed on paper; the officer records whose decision it is.
    signed = case.within_limit(0.5)
    lifecycle.approve(
        case.dossier, case.staff[Role.OFFICER], approver=case.staff[Role.MANAGER], at=signed, store=case.store
    )
    lifecycle.return_result(case.dossier, case.staff[Role.RECEPTION], at=case.after(0.5, 16), store=case.store)


def reopened(case: Case) -> None:
    at_the_counter(case)
    work(case)
    lifecycle.stop(
        case.dossier, case.staff[Role.MANAGER], comment="Bấm nhầm.", at=case.within_limit(0.3), store=case.store
    )
    lifecycle.reopen(
        case.dossier, case.staff[Role.MANAGER], comment="Dừng nhầm hồ sơ.", at=case.after(0.5, 4), store=case.store
    )
    finish(case)


# ---- unfinished dossiers


def registered(case: Case) -> None:
    on_the_portal(case)


def accepted(case: Case) -> None:
    at_the_counter(case)


def begun(case: Case) -> None:
    at_the_counter(case)
    work(case)


def waiting_for_papers(case: Case) -> None:
    begun(case)
    ask_for_papers(case, case.after(0.5, 4))


def waiting_for_money(case: Case) -> None:
    begun(case)
    ask_for_money(case, case.after(0.5, 4))


def waiting_to_be_fetched(case: Case) -> None:
    begun(case)
    lifecycle.approve(case.dossier, case.staff[Role.MANAGER], at=case.after(0.5, 4), store=case.store)


Story = Callable[[Case], None]
UNFINISHED: tuple[Story, ...] = (
    registered,
    accepted,
    begun,
    waiting_for_papers,
    waiting_for_money,
    waiting_to_be_fetched,
)
# Out of a hundred dossiers.
STORIES: dict[Story, int] = {
    smooth: 50,
    online: 12,
    supplemented: 8,
    late: 6,
    paid: 5,
    handed_over: 4,
    denied: 3,
    withdrawn: 3,
    turned_away_online: 2,
    turned_away_at_the_counter: 2,
    supplemented_twice: 1,
    stopped: 2,
    extended: 1,
    reopened: 1,
    **dict.fromkeys(UNFINISHED, 1),
}
BEGUN_ON_THE_PORTAL = (online, turned_away_online, registered)
# These come first, so that even the smallest office has every state.
OPENING: tuple[Story, ...] = (*UNFINISHED, turned_away_online, withdrawn, stopped, smooth)


def play(case: Case, story: Story) -> None:
    """Makes the moves of `story`, up to the one that would be made after today."""
    with suppress(Present):
        story(case)


def blank_dossier(random: Random, procedure: Procedure, agency: Agency) -> Dossier:
    """A new request by an invented citizen; every drawn value comes from `random`, identifiers too."""
    name = person(random)
    return Dossier(
        uuid=uuid.UUID(int=random.getrandbits(128), version=4),
        token=f"{random.getrandbits(128):032x}",
        procedure=procedure,
        agency=agency,
        unit=agency,
        channel=SubmissionChannel.DIRECT,
        applicant_kind=random.choices(list(ApplicantKind), weights=(88, 8, 3, 1))[0],
        applicant_name=name,
        identity_no=f"052{random.randrange(10**9):09}",
        phone=f"09{random.randrange(10**8):08}" if random.random() < 0.95 else "",
        address=address(random, agency),
        summary=f"{procedure.name[:200]} cho {name}",
        return_method=random.choices(list(ReturnMethod), weights=(9, 1))[0],
    )


def suits(story: Story, procedure: Procedure) -> bool:
    """Whether the procedure is offered online, for a story that begins on the portal; for others, at the counter."""
    return procedure.online if story in BEGUN_ON_THE_PORTAL else procedure.direct


def draw_story(random: Random) -> Story:
    return random.choices(list(STORIES), weights=list(STORIES.values()))[0]
