"""The workbooks and the CSVs of figures say what the page says; what citizens typed never becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
import time_machine
from django.test import Client
from openpyxl import Workbook, load_workbook

from onestop.catalog.models import SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.pages import files
from onestop.statistics.pages.files import COLUMNS
from onestop.statistics.pages.report import LABELS, Report
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet, Rating
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

OCTOBER = {"period": "2026-10"}
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(autouse=True)
def november_5() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 5, 9, tzinfo=VIETNAM), tick=False):
        yield


def at(day: int) -> datetime:
    return datetime(2026, 10, day, 8, tzinfo=VIETNAM)


@pytest.fixture
def work() -> list[Dossier]:
    """Three dossiers of October, of two units, procedures and channels; one of them solved late."""
    dossiers = [
        people.a_new_dossier(applicant_name=FORMULA),
        people.a_new_dossier(
            channel=SubmissionChannel.ONLINE, procedure=people.a_procedure(code="2.1", name="+1 thủ tục")
        ),
        people.a_new_dossier(agency=people.department()),
    ]
    for day, dossier in enumerate(dossiers, 1):
        lifecycle.receive(dossier, None, at=at(day))
    lifecycle.approve(dossiers[0], people.root(), at=at(20), comment="x")
    return dossiers


def answered(place: str, **asked: str) -> bytes:
    client = Client()
    client.force_login(people.thanh())
    answer = client.get(place, {**OCTOBER, **asked})
    assert answer.status_code == 200
    content: bytes = b"".join(answer.streaming_content)  # type: ignore[attr-defined] # files are streamed
    return content


def workbook(place: str, **asked: str) -> Workbook:
    return load_workbook(BytesIO(answered(place, **asked)))


def rows(place: str, **asked: str) -> list[dict[str, str]]:
    content = answered(place, **asked)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def report() -> Report:
    client = Client()
    client.force_login(people.thanh())
    made: Report = client.get("/statistics/", OCTOBER).context["report"]
    return made


def test_the_csv_says_what_the_page_says(work: list[Dossier]) -> None:
    found = rows("/statistics.csv")
    page = report()
    assert list(found[0]) == ["division", "key", "name", *COLUMNS]
    expected = [("total", page.total)] + [(table.division, row) for table in page.tables for row in table.rows]
    assert [(row["division"], row["key"]) for row in found] == [(division, row.key) for division, row in expected]
    for written, (_division, row) in zip(found, expected, strict=True):
        assert {name: int(written[name]) for name in LABELS} == {name: getattr(row.figures, name) for name in LABELS}
        assert float(written["in_time_percent"]) == row.in_time[0] / 10
        assert written["average_seconds"] == str(row.figures.average_seconds or "")
    assert found[0]["average_seconds"] == str(19 * 24 * 3600)


def test_the_workbook_says_what_the_page_says(work: list[Dossier]) -> None:
    book, page = workbook("/statistics.xlsx"), report()
    assert book.sheetnames == ["Toàn bộ", *(table.title for table in page.tables), "Mức độ hài lòng"]
    for table in page.tables:
        sheet = book[table.title]
        written = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
        assert [row[0] for row in written] == [row.key for row in table.rows]
        for cells, row in zip(written, table.rows, strict=True):
            assert cells[2 : 2 + len(LABELS)] == [getattr(row.figures, name) for name in LABELS]
            assert cells[-2] == row.in_time[0] / 10
        assert [sheet.cell(line, 1).value for line in (1, 2, 3)] == [
            "UBND tỉnh Hà Giang",
            "Tháng 10/2026",
            "Lập lúc 09:00 05/11/2026",
        ]


def test_the_workbook_has_the_ratings_of_each_month(work: list[Dossier]) -> None:
    questions = QuestionSet.objects.create(name="Khảo sát")
    questions.questions.create(ordinal=1, content="Thái độ phục vụ?")
    cast(work[0], questions, {1: {"rating": Rating.BAD, "reason": "chậm"}}, on=date(2026, 10, 21))
    last = list(workbook("/statistics.xlsx")["Mức độ hài lòng"].values)[-1]
    assert last == ("2026-10", "Tháng 10/2026", 0, 0, 1)


def test_a_running_period_is_marked_provisional_in_the_workbook(work: list[Dossier]) -> None:
    sheet = workbook("/statistics.xlsx", period="2026")["Toàn bộ"]
    assert sheet["A4"].value == "số liệu tạm tính đến 09:00 05/11/2026"
    assert sheet["A7"].value == "H22"


def test_the_list_behind_a_number_is_the_same_in_both_files(work: list[Dossier]) -> None:
    codes = [str(dossier.code) for dossier in reversed(work)]
    assert [row["Mã hồ sơ"] for row in rows("/statistics/dossiers.csv", figure="total")] == codes
    sheet = workbook("/statistics/dossiers.xlsx", figure="total").active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=6)] == codes
    assert sheet["A1"].value == "Phải giải quyết: 3 hồ sơ"
    (late,) = rows("/statistics/dossiers.csv", figure="solved_late")
    assert (late["Mã hồ sơ"], late["Tiếp nhận"], late["Kết thúc"]) == (
        work[0].code,
        "2026-10-01 08:00:00",
        "2026-10-20 08:00:00",
    )


def test_what_was_typed_never_becomes_a_formula(work: list[Dossier]) -> None:
    (late,) = rows("/statistics/dossiers.csv", figure="solved_late")
    assert late["Chủ hồ sơ"] == f"'{FORMULA}"
    sheet = workbook("/statistics/dossiers.xlsx", figure="solved_late").active
    assert sheet is not None
    assert (sheet["B6"].value, sheet["B6"].data_type) == (FORMULA, "s")
    assert [row["name"] for row in rows("/statistics.csv") if row["key"] == "2.1"] == ["'+1 thủ tục"]
    figures = workbook("/statistics.xlsx")["Theo thủ tục"]
    assert {cell.data_type for row in figures.iter_rows(min_row=6) for cell in row[:2]} == {"s"}


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_more_dossiers_than_a_file_may_hold_are_refused(
    work: list[Dossier], monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 2)
    client = Client()
    client.force_login(people.thanh())
    answer: Any = client.get(f"/statistics/dossiers.{ending}", {**OCTOBER, "figure": "total"})
    assert answer.status_code == 400
    assert "Có hơn 2 hồ sơ" in answer.content.decode()
