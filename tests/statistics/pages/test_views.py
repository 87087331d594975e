"""The page of figures: what it shows is what is counted, and each number leads to exactly its dossiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from onestop.catalog.models import Agency, SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.common.wording import pair
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, StatsQueue
from onestop.staff.models import User
from onestop.statistics.counting import incremental
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.figures.figures import figures, monthly_figures
from onestop.statistics.models import Publication
from onestop.statistics.pages.report import MOST_PROCEDURES
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from onestop.statistics.scope import FigureScope
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet, Rating
from tests import people
from tests.statistics.offices import LATER, random_offices

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/statistics/"
NOVEMBER_5 = datetime(2026, 11, 5, 9, tzinfo=VIETNAM)
OCTOBER = {"period": "2026-10"}


@pytest.fixture
def november_5() -> Iterator[None]:
    with time_machine.travel(NOVEMBER_5, tick=False):
        yield


def browser(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or people.thanh())
    return client


def received(day: int, **traits: Any) -> Dossier:
    """On a day of October 2026, at eight o'clock."""
    return people.a_dossier_accepted(datetime(2026, 10, day, 8, tzinfo=VIETNAM), **traits)


def shown(asked: dict[str, str] | None = None, user: User | None = None) -> str:
    answer = browser(user).get(PAGE, asked)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


class Links(HTMLParser):
    """Every number of a page that leads to its dossiers: the address and the number; and every other number."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, int]] = []
        self.address = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get("href") or ""
        self.address = address if tag == "a" and address.startswith("/statistics/dossiers/") else ""

    def handle_data(self, data: str) -> None:
        if self.address:
            self.found.append((self.address, int(data.replace(".", ""))))
            self.address = ""


def listed(client: Client, address: str) -> set[str]:
    """The addresses of all the dossiers of a list, page by page."""
    found: set[str] = set()
    number = 1
    while True:
        answer = client.get(f"{address}&page={number}")
        assert answer.status_code == 200, address
        found |= set(re.findall(r'<a[^>]* href="(/dossiers/[0-9a-f-]{36}/)"', answer.content.decode()))
        if not answer.context["next"]:
            return found
        number += 1


# ---- each number and its dossiers


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))])
def test_every_number_leads_to_exactly_as_many_dossiers(seed: int) -> None:
    random = Random(seed)  # noqa: S311 chance for a test, no secret
    with time_machine.travel(LATER):
        office = random_offices(random, offices=1, dossiers=40)[0]
    with time_machine.travel(office.now, tick=False):
        client, met, followed = browser(people.root()), set[str](), set[tuple[str, int]]()
        for period in office.periods:
            asked = {"agency": office.agencies[0].code, "period": str(period)}
            answer = client.get(PAGE, asked)
            if period.start > office.now:
                assert "chưa bắt đầu" in answer.content.decode()
                continue
            # The same months stand on the pages of several periods, and are followed once.
            for address, number in sorted(set(Links(answer.content.decode()).found) - followed):
                followed.add((address, number))
                assert len(listed(client, address)) == number, address
                met.update(parse_qs(address.partition("?")[2])["figure"])
    assert met >= {"total", "new_reception", "solved", "solved_in_time", "pending", "pending_late"}


def test_the_tables_divide_the_whole(november_5: None) -> None:
    received(1)
    received(2, agency=people.ward_desk(), channel=SubmissionChannel.ONLINE)
    done = received(5, agency=people.department(), procedure=people.a_procedure_with_papers_and_fees())
    lifecycle.approve(done, people.root(), at=datetime(2026, 10, 6, 10, tzinfo=VIETNAM), comment="x")
    report = browser().get(PAGE, OCTOBER).context["report"]
    for table in report.tables:
        rows = table.rows[-1:] if table.division == "month" else table.rows
        summed = [sum(getattr(row.figures, name) for row in rows) for name in asdict(report.total.figures)]
        assert summed == list(asdict(report.total.figures).values()), table.division
    assert [(row.key, row.figures.total) for row in report.units.rows] == [("H22.101", 2), ("H22.001", 1)]
    assert [row.key for row in report.channels.rows] == ["direct", "online"]


def test_an_agency_s_own_dossiers_stand_beside_those_of_its_units(november_5: None) -> None:
    own = received(1)
    received(1, agency=people.ward_desk())
    report = browser().get(PAGE, {**OCTOBER, "agency": "H22.101"}).context["report"]
    by_key = {row.key: row for row in report.units.rows}
    assert {key: row.figures.total for key, row in by_key.items()} == {"H22.101": 1, "H22.101.01": 1}
    assert by_key["H22.101"].scope == FigureScope(people.ward(), alone=True)
    address = "/statistics/dossiers/?" + urlencode({**OCTOBER, "agency": "H22.101", "alone": "on", "figure": "total"})
    assert listed(browser(), address) == {f"/dossiers/{own.uuid}/"}


def test_procedures_beyond_the_busiest_are_summed(november_5: None) -> None:
    for number in range(MOST_PROCEDURES + 2):
        received(1, procedure=people.a_procedure(code=f"3.{number:03}"))
    received(2, procedure=people.a_procedure(code="3.051"))
    rows = browser().get(PAGE, OCTOBER).context["report"].procedures.rows
    assert len(rows) == MOST_PROCEDURES + 1
    assert (rows[0].key, rows[0].figures.total) == ("3.051", 2)
    assert (rows[-1].name, rows[-1].figures.total, rows[-1].scope) == ("2 thủ tục khác", 2, None)


def test_months_read_together_are_those_read_one_by_one() -> None:
    random = Random(7)  # noqa: S311 chance for a test, no secret
    with time_machine.travel(LATER):
        office = random_offices(random, offices=1, dossiers=40)[0]
        catch_up()
        last = Period(2026, 12)
        months = [last.previous.previous, last.previous, last, Period(2026, 9), Period(2026, 1), Period(2020, 1)]
        for now in (LATER, last.start + timedelta(days=9), last.previous.start + timedelta(days=9)):
            for scope in (
                FigureScope(office.agencies[0]),
                FigureScope(office.agencies[0], channel=SubmissionChannel.ONLINE),
            ):
                wanted = [month for month in months if month.start <= now]
                apart = {month: figures(scope, month, now) for month in wanted}
                assert monthly_figures(scope, wanted, now) == apart


def test_what_falls_due_later_in_the_running_month_is_not_overdue_yet(november_5: None) -> None:
    lifecycle.receive(people.a_new_dossier(), None, at=NOVEMBER_5 - timedelta(days=1))
    catch_up()
    month = Period(2026, 11)
    for now, pending in ((NOVEMBER_5, 1), (NOVEMBER_5 + timedelta(days=5), 0)):
        counted = monthly_figures(FigureScope(people.province()), [month], now)[month]
        assert counted == figures(FigureScope(people.province()), month, now)
        assert (counted.pending, counted.pending_late) == (pending, 1 - pending)


# ---- what is asked


def test_without_an_address_it_is_the_own_agency_and_the_running_month(november_5: None) -> None:
    received(1)
    page = shown(user=people.ha())
    assert "UBND phường Trần Phú" in page
    assert "Tháng 11/2026" in page
    assert "Số liệu tạm tính đến 09:00 05/11/2026" in page
    assert browser(people.ha()).get(PAGE).context["report"].scope == FigureScope(people.ward())


def test_who_has_no_agency_sees_the_first_that_reports(november_5: None) -> None:
    people.another_province()
    received(1)
    assert browser(people.root()).get(PAGE).context["report"].scope == FigureScope(people.province())


def test_an_empty_office_is_told_so() -> None:
    assert "Chưa có cơ quan nào tiếp nhận hồ sơ" in shown(user=people.root())
    page = shown(user=people.ha())
    assert Links(page).found == []
    assert "nan" not in page.lower().replace("thanh", "")
    assert "None" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"period": "2026-13"}, "không phải là kỳ"),
        ({"period": "mai"}, "không phải là kỳ"),
        ({"period": "2026-12"}, "Kỳ này chưa bắt đầu"),
        ({"procedure": "9.999"}, "Không có thủ tục nào mang mã"),
        ({"field": "khong-co"}, "không có trong danh sách"),
        ({"channel": "fax"}, "không có trong danh sách"),
    ],
)
def test_what_makes_no_sense_is_told_in_words(november_5: None, asked: dict[str, str], said: str) -> None:
    received(1)
    for place in (PAGE, "/statistics/dossiers/"):
        answer = browser().get(place, {**asked, "figure": "total"})
        assert answer.status_code == 200
        assert "report" not in answer.context
        assert said in answer.content.decode()
    for place in ("/statistics.xlsx", "/statistics.csv", "/statistics/dossiers.xlsx", "/statistics/dossiers.csv"):
        assert browser().get(place, {**asked, "figure": "total"}).status_code == 400


@pytest.mark.parametrize(
    "place",
    [
        PAGE,
        "/statistics.xlsx",
        "/statistics.csv",
        "/statistics/dossiers/",
        "/statistics/dossiers.xlsx",
        "/statistics/dossiers.csv",
        "/statistics/published/",
    ],
)
def test_another_agency_is_as_good_as_none(november_5: None, place: str) -> None:
    received(1)
    people.another_province()
    for code in ("H23", "H99"):
        answer = browser(people.minh()).get(place, {"agency": code, "figure": "total"})
        assert answer.status_code == 404


def test_a_figure_of_no_name_is_not_found(november_5: None) -> None:
    received(1)
    for place in ("/statistics/dossiers/", "/statistics/dossiers.xlsx", "/statistics/dossiers.csv"):
        for figure in ("", "worked_seconds"):
            assert browser().get(place, {"figure": figure}).status_code == 404


# ---- what stands published


def test_a_published_period_says_so_and_what_has_changed_since(november_5: None) -> None:
    received(1)
    publish(people.province(), Period(2026, 10), NOVEMBER_5)
    page = shown(OCTOBER)
    assert "Đã công bố lúc 09:00 05/11/2026, lần 1." in page
    assert "vẫn đúng như đã công bố" in page
    received(2)
    page = shown(OCTOBER)
    assert "nhận trong kỳ: đã công bố 1, nay là 2" in page
    assert "/statistics/published/close/?period=2026-10" in shown(OCTOBER, people.phuc())
    # Neither a part of the agency nor a part of its dossiers was published.
    assert "Đã công bố" not in shown(OCTOBER | {"agency": "H22.101"})
    assert "Đã công bố" not in shown(OCTOBER | {"channel": "direct"})


def test_forgotten_periods_are_named_to_who_follows_them(november_5: None) -> None:
    received(1)
    for page in (shown(), browser(people.tu()).get("/packets/").content.decode()):
        assert "<strong>tháng 10/2026</strong>" in page
        assert "kỳ chưa chốt" in page
    assert "kỳ chưa chốt" not in shown(user=people.ha())
    publish(people.province(), Period(2026, 10), NOVEMBER_5)
    for page in (shown(), browser(people.tu()).get("/packets/").content.decode()):
        assert "kỳ chưa chốt" not in page


def test_revisions_stand_beside_each_other_with_their_reasons(november_5: None) -> None:
    received(1)
    publish(people.province(), Period(2026, 10), NOVEMBER_5)
    late = received(2)
    publish(people.province(), Period(2026, 10), NOVEMBER_5)
    rows = browser().get("/statistics/published/").context["publications"]
    assert [publication.revision for publication, _differences, _reasons in rows] == [2, 1]
    assert rows[0][1][0] == (Publication.label("new_reception"), 1, 2)
    assert {(code, uuid) for code, _move, _at, uuid in rows[0][2]} == {(late.code, late.uuid)}
    # The department may not see the ward's dossier, but reads that it was the reason.
    page = browser(people.minh()).get("/statistics/published/").content.decode()
    assert str(late.code) in page
    assert str(late.uuid) not in page
    assert f"/dossiers/{late.uuid}/" in browser().get("/statistics/published/").content.decode()


def test_nothing_published_is_told_too() -> None:
    assert "Chưa có kỳ nào được công bố" in browser(people.ha()).get("/statistics/published/").content.decode()
    assert browser(people.root()).get("/statistics/published/").status_code == 200


def test_moves_that_are_not_counted_yet_are_told(november_5: None, monkeypatch: pytest.MonkeyPatch) -> None:
    received(1)
    monkeypatch.setattr(incremental, "COUNTED_AT_ONCE", 0)
    waiting = StatsQueue.objects.count()
    assert f"Còn {waiting} bước xử lý chưa được tính" in shown(OCTOBER)
    monkeypatch.undo()
    assert "chưa được tính:" not in shown(OCTOBER)


# ---- how it is shown


def test_charts_have_their_numbers_in_tables_and_nothing_hides_these(november_5: None) -> None:
    received(1)
    questions = QuestionSet.objects.create(name="Khảo sát")
    questions.questions.create(ordinal=1, content="Thái độ phục vụ?")
    cast(received(2), questions, {1: {"rating": Rating.GOOD, "reason": ""}}, on=date(2026, 10, 20))
    page = shown(OCTOBER)
    assert page.count("<table") == 6
    assert page.count("data-chart=") == 4
    assert "Tháng 10/2026: 1 phiếu; 0 câu trả lời rất hài lòng, 1 hài lòng, 0 không hài lòng." in page
    assert "hidden>" not in page.partition("<main")[2].partition("</main>")[0]
    assert "<canvas" not in page


def test_scripts_are_our_own_and_those_of_charts_only_here(november_5: None) -> None:
    received(1)
    scripts = re.findall(r"<script[^>]*>[^<]*", shown())
    assert [re.search(r'src="([^"]*)"', script)[1] for script in scripts] == [  # type: ignore[index] # each has one
        "/static/django_htmx/htmx-2.min.js",
        "/static/onestop/keys.js",
        "/static/onestop/help.js",
        "/static/onestop/dates.js",
        "/static/onestop/printing.js",
        "/static/onestop/typed.js",
        "/static/vendor/chart.js/chart.umd.min.js",
        "/static/onestop/charts.js",
    ]
    client = browser()
    assert "script-src" not in client.get(PAGE)["Content-Security-Policy"]
    assert "default-src 'self'" in client.get(PAGE)["Content-Security-Policy"]
    for place in ("/", "/statistics/dossiers/?figure=total", "/statistics/published/"):
        assert "chart" not in "".join(re.findall(r"<script[^>]*>", client.get(place).content.decode()))


@pytest.mark.parametrize(
    ("part", "whole", "shares"),
    [
        (0, 0, (0, 0)),
        (1, 3, (333, 667)),
        (2, 3, (667, 333)),
        (1, 2000, (1, 999)),
        (1, 2001, (0, 1000)),
        (5, 5, (1000, 0)),
    ],
)
def test_a_pair_of_percents_adds_up(part: int, whole: int, shares: tuple[int, int]) -> None:
    assert pair(part, whole) == shares


# ---- how much is read


def test_more_units_procedures_and_months_are_read_with_no_more_queries(november_5: None) -> None:
    received(1)
    publish(people.province(), Period(2026, 10), NOVEMBER_5)
    before = {period: queries(PAGE, period=period) for period in ("2026-11", "2026-10", "2026-Q4", "2026")}
    for number in range(6):
        unit = people.an_agency(f"H22.2{number}", f"Sở {number}", people.province(), Agency.Level.PROVINCE)
        procedure = people.a_procedure(code=f"4.{number}", field=people.a_field(f"f{number}", f"Lĩnh vực {number}"))
        received(number + 1, agency=unit, procedure=procedure, channel=SubmissionChannel.ONLINE)
    catch_up()
    after = {period: queries(PAGE, period=period) for period in before}
    assert after == before
    # Two of them begin and end the transaction in which all is read as of one moment.
    assert max(after.values()) <= 29
    assert queries(PAGE, period="2026", field="f1", procedure="4.1", channel="online") <= 32
    assert queries("/statistics/dossiers/", figure="total") <= 12


def queries(place: str, **asked: str) -> int:
    client = browser()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(place, asked).status_code == 200
    return len(captured)
