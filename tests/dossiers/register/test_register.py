"""The register: the same lines on the screen, in the workbook and on paper."""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook
from openpyxl.cell import Cell

from onestop.catalog.models import Agency
from onestop.common.downloads import MOST_ROWS
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Paper, State
from onestop.dossiers.register import entries as register
from onestop.dossiers.register import views
from onestop.dossiers.register.entries import COLUMNS, Entry, Register
from onestop.dossiers.register.pdf import wrapped
from onestop.staff.models import User
from tests import people
from tests.installation import Installation

SCREEN, XLSX, PDF = (f"/register{ending}" for ending in ("/", ".xlsx", ".pdf"))
MARCH = {"received_from": "2026-03-01", "received_to": "2026-03-31"}
# Every letter of the language that others lack, with each of its marks.
LETTERS = "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵ"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=VIETNAM)


@pytest.fixture(autouse=True)
def today_is_the_20th_of_march() -> Iterator[None]:
    with time_machine.travel(at(20, 9), tick=False):
        yield


def received(when: datetime, **traits: Any) -> Dossier:
    papers = traits.pop("papers", ())
    dossier = people.a_new_dossier(**traits)
    lifecycle.receive(dossier, people.lan(), at=when, papers=papers)
    return dossier


def entries(
    user: User, first_day: date = date(2026, 3, 1), last_day: date = date(2026, 3, 31), **more: Any
) -> list[Entry]:
    return list(Register(user, first_day, last_day, **more).entries())


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def downloaded(address: str, by: User | None = None, **query: str) -> bytes:
    answer = as_(by or people.lan()).get(address, MARCH | query)
    assert answer.status_code == 200
    return answer.getvalue()


def rows_of(workbook: bytes) -> list[list[Cell]]:
    """Those below the headings."""
    sheet = load_workbook(BytesIO(workbook)).active
    assert sheet
    return [[cell for cell in row if isinstance(cell, Cell)] for row in sheet.iter_rows(min_row=6)]


def pages_of(paper: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(paper)
    try:
        texts = [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
    # The number of pages is a drawing of its own, which the reader of text sets apart.
    return [text.replace("\r\n", " ").replace("/ ", "/") for text in texts]


# ---- what a line tells


@pytest.mark.django_db
def test_a_line_tells_what_the_form_asks_in_its_order() -> None:
    dossier = received(
        at(2, 9),
        summary="Khai sinh cho con",
        address="Tổ 3, phường Trần Phú",
        phone="0912 345 678",
        papers=[Paper(name="Tờ khai", quantity=2, received_at=at(2, 9)), Paper(name="Ảnh", received_at=at(2, 9))],
    )
    lifecycle.approve(dossier, people.ha(), at=at(3, 10))
    lifecycle.return_result(dossier, people.lan(), at=at(3, 11))
    (line,) = entries(people.lan())
    assert line == Entry(
        number=1,
        code="H22.101.00-260302-0001",
        summary="Khai sinh cho con",
        sets=1,
        owner="Đặng Văn Ước",
        address="Tổ 3, phường Trần Phú",
        phone="0912 345 678",
        received=at(2, 9),
        due=at(4, 9),
        returned=at(3, 11),
        receiver="Nguyễn Thị Lan",
        field="Hộ tịch",
        outcome="đúng hạn",
    )


@pytest.mark.django_db
def test_what_was_not_typed_is_left_blank_but_for_the_procedure_s_name() -> None:
    received(at(2, 9), procedure=people.a_procedure(code="9", limit=None, limit_unit=""))
    (line,) = entries(people.lan())
    assert line.summary == "Thủ tục đăng ký khai sinh"
    assert (line.address, line.phone, line.sets, line.due, line.returned) == ("", "", None, None, None)


@pytest.mark.django_db
def test_the_number_of_sets_is_how_often_the_whole_list_of_papers_came() -> None:
    came = at(2, 9)
    received(came, papers=[Paper(name=name, quantity=3, received_at=came) for name in ("Tờ khai", "Ảnh")])
    received(came, papers=[Paper(name="Tờ khai", quantity=2, received_at=came), Paper(name="Ảnh", quantity=0)])
    assert [line.sets for line in entries(people.lan())] == [3, 2]


@pytest.mark.django_db
def test_the_receiver_is_who_accepted_it_not_who_did_anything_later() -> None:
    dossier = people.a_registered_dossier(applicant_name="Từ Cổng")
    lifecycle.accept(dossier, people.ha())
    lifecycle.start(dossier, people.binh())
    (line,) = entries(people.lan())
    assert line.receiver == "Phạm Hà"


@pytest.mark.django_db
def test_the_outcome_is_told_in_the_words_of_a_register() -> None:
    def outcome_of(state: State, when: datetime) -> str:
        with time_machine.travel(when, tick=False):
            dossier = people.a_dossier_in(state)
        (line,) = [line for line in entries(people.lan()) if line.code == dossier.code]
        return line.outcome

    late = received(at(2, 9))
    lifecycle.approve(late, people.ha(), at=at(9, 9))
    assert [line.outcome for line in entries(people.lan())] == ["trễ hạn"]
    assert outcome_of(State.COMPLETED, at(3, 9)) == "đúng hạn"
    assert outcome_of(State.IN_PROGRESS, at(3, 9)) == "quá hạn"
    assert outcome_of(State.IN_PROGRESS, at(20, 8)) == "đang giải quyết"
    assert outcome_of(State.AWAITING_SUPPLEMENT, at(3, 9)) == "tạm dừng"
    assert outcome_of(State.WITHDRAWN, at(3, 9)) == "công dân rút hồ sơ"
    assert outcome_of(State.STOPPED, at(3, 9)) == "dừng xử lý"


@pytest.mark.django_db
def test_texts_come_composed_on_one_line_and_without_control_signs() -> None:
    decomposed = "Đỗ\tVa\u0306n\nƯớc\x07\u202e"
    Dossier.objects.filter(pk=received(at(2, 9)).pk).update(applicant_name=decomposed)
    (line,) = entries(people.lan())
    assert line.owner == "Đỗ Văn Ước"


# ---- which lines


@pytest.mark.django_db
def test_the_period_begins_and_ends_at_midnight_in_vietnam() -> None:
    for when in (at(1, 0) - timedelta(seconds=1), at(1, 0), at(5, 23, 59) + timedelta(seconds=59), at(6, 0)):
        received(when, applicant_name=f"{when:%d %H:%M:%S}")
    lines = entries(people.lan(), date(2026, 3, 1), date(2026, 3, 5))
    assert [line.owner for line in lines] == ["01 00:00:00", "05 23:59:59"]


@pytest.mark.django_db
def test_lines_stand_in_the_order_of_acceptance_then_of_code_numbered_from_one() -> None:
    third, first, second = (received(at(day, 9)) for day in (6, 5, 5))
    lines = entries(people.lan())
    assert [(line.number, line.code) for line in lines] == [(1, first.code), (2, second.code), (3, third.code)]


@pytest.mark.django_db
def test_only_what_one_may_see_was_accepted_and_is_no_trial_is_entered() -> None:
    seen = received(at(2, 9))
    handed_over = received(at(2, 10))
    lifecycle.hand_over(handed_over, people.ha(), unit=people.department(), at=at(2, 11))
    received(at(2, 9), is_test=True)
    people.a_registered_dossier()
    received_elsewhere = people.a_new_dossier(agency=people.department())
    lifecycle.receive(received_elsewhere, people.root(), at=at(3, 9))
    assert [line.code for line in entries(people.lan())] == [seen.code, handed_over.code]
    assert [line.code for line in entries(people.minh())] == [handed_over.code, received_elsewhere.code]
    assert len(entries(people.thanh())) == 3
    assert len(entries(people.root())) == 3


@pytest.mark.django_db
def test_agency_and_field_narrow_the_register() -> None:
    land = people.a_field("dat-dai", "Đất đai")
    received(at(2, 9), applicant_name="phường")
    received(at(2, 9), applicant_name="tổ", agency=people.ward_desk())
    received(at(2, 9), applicant_name="đất", procedure=people.a_procedure(code="1.2", field=land))

    def owners(**narrowed: Any) -> set[str]:
        return {line.owner for line in entries(people.lan(), **narrowed)}

    assert owners(agency=people.ward()) == {"phường", "tổ", "đất"}
    assert owners(agency=people.ward_desk()) == {"tổ"}
    assert owners(field=land) == {"đất"}
    assert owners(agency=people.ward_desk(), field=land) == set()


@pytest.mark.django_db
def test_more_lines_take_no_more_queries() -> None:
    for number in range(12):
        received(at(2, 9), procedure=people.a_procedure(code=f"1.{number}", field=people.a_field(f"f{number}")))
    lan = User.objects.select_related("agency").get(pk=people.lan().pk)
    with CaptureQueriesContext(connection) as queries:
        assert len(entries(lan)) == 12
    # The agencies she sees, dossiers.
    assert len(queries) == 2


# ---- the screen


@pytest.mark.django_db
def test_the_screen_shows_this_month_unless_told_otherwise() -> None:
    received(at(1, 0), applicant_name="Người tháng này")
    received(at(1, 0) - timedelta(minutes=1), applicant_name="Người tháng trước")
    shown = as_(people.lan()).get(SCREEN).content.decode()
    assert 'value="01/03/2026"' in shown
    assert 'value="31/03/2026"' in shown
    assert "Người tháng này" in shown
    assert "Người tháng trước" not in shown


@pytest.mark.django_db
def test_pages_of_the_screen_go_on_counting_and_keep_the_period() -> None:
    for number in range(26):
        received(at(2, 9), applicant_name=f"Người số {number:02}")
    client = as_(people.lan())
    first, second = (client.get(SCREEN, MARCH | {"page": page}) for page in ("1", "2"))
    assert [entry.number for _dossier, entry in first.context["rows"]] == list(range(1, 26))
    assert [entry.number for _dossier, entry in second.context["rows"]] == [26]
    assert "received_from=2026-03-01&amp;received_to=2026-03-31&amp;page=2" in first.content.decode()
    # The files are of the whole period, whatever page is shown.
    assert f"{XLSX}?received_from=2026-03-01&amp;received_to=2026-03-31" in second.content.decode()


@pytest.mark.django_db
def test_the_screen_takes_no_more_queries_for_more_lines_and_counts_none() -> None:
    client = as_(people.lan())
    for number in range(30):
        received(at(2, 9), procedure=people.a_procedure(code=f"1.{number}"))
    with CaptureQueriesContext(connection) as queries:
        client.get(SCREEN, MARCH)
    # session, user with its agency, the agencies it sees, dossiers, agencies and fields to choose from, number of news
    assert len(queries) == 7
    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert ["dossiers_newsitem" in sql for sql in counting] == [True]


@pytest.mark.django_db
def test_who_audits_sees_the_register_and_who_is_not_signed_in_does_not() -> None:
    received(at(2, 9), applicant_name="Đặng Văn Ước")
    assert "Đặng Văn Ước" in as_(people.thanh()).get(SCREEN, MARCH).content.decode()
    for address in (SCREEN, XLSX, PDF):
        assert Client().get(address).status_code == 302


@pytest.mark.django_db
def test_only_agencies_one_sees_are_offered_and_taken() -> None:
    people.department()
    people.ward_desk()
    client = as_(people.lan())
    offered = client.get(SCREEN).context["form"].fields["agency"].queryset
    assert set(offered) == {people.ward(), people.ward_desk()}
    refused = client.get(XLSX, MARCH | {"agency": str(people.department().pk)})
    assert refused.status_code == 400
    assert "agency" in refused.context["form"].errors


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"received_from": "hôm qua"}, "received_from"),
        ({"received_from": ""}, "received_from"),
        ({"received_to": "2026-02-30"}, "received_to"),
        ({"received_to": "9999-12-31"}, "received_to"),
        ({"received_from": "0001-01-01"}, "received_from"),
        ({"received_from": "2026-03-02", "received_to": "2026-03-01"}, "received_to"),
        ({"agency": "x"}, "agency"),
        ({"field": "9" * 40}, "field"),
    ],
)
@pytest.mark.django_db
def test_what_makes_no_register_is_said_at_its_field(query: dict[str, str], field: str) -> None:
    client = as_(people.lan())
    for address, status in ((SCREEN, 200), (XLSX, 400), (PDF, 400)):
        answer = client.get(address, query)
        assert answer.status_code == status
        assert list(answer.context["form"].errors) == [field]
        assert "xem lỗi tại từng mục" in answer.content.decode()


@pytest.mark.django_db
def test_a_register_too_long_for_a_file_asks_for_a_shorter_period(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (register, views):
        monkeypatch.setattr(module, "MOST_ROWS", 2)
    received(at(2, 9))
    received(at(2, 10))
    downloaded(XLSX)
    downloaded(PDF)
    received(at(2, 11))
    client = as_(people.lan())
    for address in (XLSX, PDF):
        answer = client.get(address, MARCH)
        assert answer.status_code == 400
        assert "Có hơn 2 hồ sơ trong kỳ này" in answer.content.decode()
    assert client.get(SCREEN, MARCH).status_code == 200


@pytest.mark.django_db
def test_a_register_too_long_for_paper_says_how_long_it_is_and_offers_the_workbook(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(views, "MOST_PRINTED", 2)
    received(at(2, 9))
    received(at(2, 10))
    downloaded(PDF)
    received(at(2, 11))
    client = as_(people.lan())
    answer = client.get(PDF, MARCH)
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert "Có 3 hồ sơ trong kỳ này, nhiều hơn 2 hồ sơ mà một tệp PDF có thể chứa. Vui lòng tải Excel" in shown
    assert f'href="{XLSX}?received_from=2026-03-01&amp;received_to=2026-03-31"' in shown
    assert f'href="{PDF}' not in shown
    client.cookies["django_language"] = "en"
    shown = client.get(PDF, MARCH).content.decode()
    assert "There are 3 dossiers in this period, more than the 2 that a PDF can hold. Download Excel" in shown
    assert len(rows_of(downloaded(XLSX))) == 3


@pytest.mark.django_db
def test_an_empty_register_says_so_on_the_screen_and_on_paper() -> None:
    assert "Không có hồ sơ nào được tiếp nhận" in as_(people.lan()).get(SCREEN).content.decode()
    assert rows_of(downloaded(XLSX)) == []
    (paper,) = pages_of(downloaded(PDF))
    assert "Không có hồ sơ nào được tiếp nhận trong kỳ này." in paper
    assert "Trang 1/1" in paper


# ---- the workbook


@pytest.mark.django_db
def test_the_workbook_holds_the_lines_with_real_dates_on_the_office_s_clock() -> None:
    dossier = received(at(2, 9), phone="0912345678", address="Hà Giang", summary="Khai sinh")
    lifecycle.approve(dossier, people.ha(), at=at(3, 10))
    received(at(3, 9))
    answer = as_(people.lan()).get(XLSX, MARCH)
    assert 'filename="so-theo-doi-20260301-20260331.xlsx"' in answer["Content-Disposition"]
    content = answer.getvalue()
    sheet = load_workbook(BytesIO(content)).active
    assert sheet
    assert [sheet.cell(row, 1).value for row in (1, 2, 3)] == [
        "SỔ THEO DÕI HỒ SƠ",
        "Từ ngày 01/03/2026 đến hết ngày 31/03/2026",
        "Cơ quan tiếp nhận: mọi cơ quan trong phạm vi được xem · Lĩnh vực: mọi lĩnh vực",
    ]
    assert [cell.value for cell in sheet[5]] == [column.heading for column in COLUMNS]
    first, second = rows_of(content)
    assert [cell.value for cell in first] == [
        *(1, dossier.code, "Khai sinh", None, "Đặng Văn Ước", "Hà Giang", "0912 345 678"),
        *(datetime(2026, 3, 2, 9), datetime(2026, 3, 4, 9), None, "Nguyễn Thị Lan", "Hộ tịch", "đúng hạn"),
    ]
    assert [cell.value for cell in second][:3] == [2, "H22.101.00-260303-0001", "Thủ tục đăng ký khai sinh"]
    # A cell that had something in the row above has nothing left of it.
    assert second[6].value is None
    assert first[7].number_format == "dd/mm/yyyy hh:mm"


@pytest.mark.parametrize(
    "typed",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "+84912345678",
        "-1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        "#REF!",
        "0912",
        "1e5",
        "TRUE",
        "2026-03-01",
    ],
)
@pytest.mark.django_db
def test_what_somebody_typed_is_text_and_never_a_formula(typed: str) -> None:
    dossier = received(at(2, 9))
    # As it may have been written before text was mended: past the columns, which would mend it.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dossiers_dossier SET applicant_name = %s, summary = %s, address = %s, phone = %s WHERE id = %s",
            [typed, typed, typed, typed, dossier.pk],
        )
    content = downloaded(XLSX)
    (row,) = rows_of(content)
    for cell in (row[2], row[4], row[5], row[6]):
        assert (cell.value, cell.data_type, cell.number_format) == (typed.strip(), "s", "@")
    with zipfile.ZipFile(BytesIO(content)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml
    assert b"<f " not in xml
    # Titles, headings, and what is text in the only line.
    assert xml.count(b'"inlineStr"') == 3 + len(COLUMNS) + 8


@pytest.mark.django_db
def test_the_files_are_in_vietnamese_whoever_takes_them() -> None:
    people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    client = as_(people.lan())
    client.cookies["django_language"] = "en"
    assert "Paused" in client.get(SCREEN, MARCH).content.decode()
    (row,) = rows_of(client.get(XLSX, MARCH).getvalue())
    assert row[-1].value == "tạm dừng"
    assert "tạm dừng" in pages_of(client.get(PDF, MARCH).getvalue())[0]


# ---- the paper


@pytest.mark.django_db
def test_the_paper_has_its_heading_its_lines_and_every_vietnamese_letter() -> None:
    received(at(2, 9), applicant_name=LETTERS[:34], summary=LETTERS[34:], address=LETTERS.upper()[:34])
    received(at(2, 10), applicant_name=LETTERS.upper()[34:], agency=people.ward_desk())
    answer = as_(people.lan()).get(PDF, MARCH | {"agency": str(people.ward().pk)})
    assert answer["Content-Type"] == "application/pdf"
    (paper,) = pages_of(answer.getvalue())
    for told in (
        "UBND PHƯỜNG TRẦN PHÚ CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "SỔ THEO DÕI HỒ SƠ",
        "Từ ngày 01/03/2026 đến hết ngày 31/03/2026",
        "Cơ quan tiếp nhận: UBND phường Trần Phú · Lĩnh vực: mọi lĩnh vực",
        "02/03/2026 09:00",
        "Tổng số: 2 hồ sơ",
        "Mẫu số 07 · Thông tư 03/2025/TT-VPCP",
        "Trang 1/1",
    ):
        assert told in paper
    assert set(LETTERS + LETTERS.upper()) <= set(paper)
    assert "H22.101.01-260302-0001" in paper.replace(" ", "")


@pytest.mark.django_db
def test_an_office_that_keeps_the_older_forms_prints_the_older_register() -> None:
    ward = people.ward()
    ward.form_set = ward.FormSet.TT01_2018
    ward.save()
    assert "Mẫu số 06 · Thông tư 01/2018/TT-VPCP" in pages_of(downloaded(PDF))[0]


@pytest.mark.django_db
def test_every_sheet_has_the_headings_and_its_number_and_no_line_is_lost() -> None:
    codes = [received(at(2, 9), summary=f"Việc {number} " + "dài " * (number % 9 * 5)).code for number in range(60)]
    pages = pages_of(downloaded(PDF))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert "STT Mã hồ sơ Trích yếu" in page
        assert f"Trang {number}/{len(pages)}" in page
    whole = "".join(pages).replace(" ", "")
    assert [code for code in codes if str(code) not in whole] == []


@pytest.mark.django_db
def test_a_line_longer_than_a_sheet_goes_on_over_the_next_ones() -> None:
    procedure = people.a_procedure(code="1.9", name=" ".join(f"chữ{number}" for number in range(280)))
    received(at(2, 9), procedure=procedure)
    pages = pages_of(downloaded(PDF))
    assert len(pages) == 2
    whole = " ".join(pages)
    assert [number for number in range(280) if f"chữ{number}" not in whole] == []


@pytest.mark.django_db
def test_the_table_at_the_end_of_the_paper_says_where_each_object_begins() -> None:
    for _time in range(30):
        received(at(2, 9))
    paper = downloaded(PDF)
    found = re.search(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", paper)
    assert found
    head, *offsets = re.findall(rb"(\d{10}) (?:65535 f|00000 n)", paper[int(found[1]) :])
    assert paper.startswith(b"xref", int(found[1]))
    assert int(head) == 0
    assert len(offsets) == paper.count(b"\nendobj")
    for number, offset in enumerate(offsets, 1):
        assert paper.startswith(b"%d 0 obj" % number, int(offset))


def test_lines_break_at_spaces_after_hyphens_and_inside_words_that_are_too_long() -> None:
    assert wrapped("", 50, "Tinos-Regular") == ()
    assert wrapped("H22.101.01-260302-0001", 70, "Tinos-Regular") == ("H22.101.01-260302-", "0001")
    assert wrapped("một hai ba bốn", 30, "Tinos-Regular") == ("một hai", "ba bốn")
    letters = wrapped("a" * 100, 50, "Tinos-Regular")
    assert "".join(letters) == "a" * 100
    assert len(letters) > 5


# ---- as many lines as a file may hold

FILL = """
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from onestop.dossiers.models import Dossier
from tests import people
first, procedure, ward = datetime(2026, 1, 1, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh")), people.a_procedure(), people.ward()
people.lan()

def made(number):
    at = first + timedelta(minutes=number)
    dossier = people.a_new_dossier(
        code=f"H22.101.00-{{at:%y%m%d}}-{{number:06}}", procedure=procedure, agency=ward, phone=f"09{{number:08}}",
        applicant_name=f"Nguyễn Thị Ánh Nguyệt {{number}}", summary=f"Khai sinh có yếu tố nước ngoài, số {{number}}",
        address=f"Số {{number}}, đường Nguyễn Trãi, tổ {{number % 40}}, phường Trần Phú, tỉnh Hà Giang",
        registered_at=at, accepted_at=at, moved_at=at, due_at=at + timedelta(days=2),
    )
    dossier.refresh_search()
    return dossier

for start in range(0, {count}, 5_000):
    Dossier.objects.bulk_create(made(number) for number in range(start, min(start + 5_000, {count})))
"""
TAKE = """
from django.test import Client
from tests import people
client = Client(headers={{"host": "localhost"}})
client.force_login(people.lan())
answer = client.get({address!r}, {{"received_from": "2026-01-01", "received_to": {last_day!r}}})
assert answer.status_code == {status}, answer.content.decode()
with open({path!r}, "wb") as file:
    file.write(answer.getvalue())
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> list[Installation]:
    """One with few dossiers, one with as many as a file may hold; one came in each minute."""
    made = []
    for count in (500, MOST_ROWS):
        office = Installation(tmp_path_factory.mktemp("office"))
        office.run("shell", "-v0", "-c", FILL.format(count=count))
        made.append(office)
    return made


def taken(address: str, office: Installation, path: Path, last_day: str = "2026-12-31", status: int = 200) -> int:
    """Writes the answer to `path`. Returns how many megabytes of memory it took at most."""
    began = time.monotonic()
    code = TAKE.format(address=address, path=str(path), last_day=last_day, status=status)
    output, _memory = office.run("shell", "-v0", "-c", code)
    used = int(output) // 1024
    print(f"{address}: {time.monotonic() - began:.0f} s, {used} MB of memory, {path.stat().st_size:,} bytes")
    return used


# What the system tells of a child's memory begins with that of the parent; the child's own word does not.
measured = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="this system tells no process its peak of memory"
)


@pytest.mark.long
@measured
def test_a_hundred_thousand_lines_take_less_than_64_megabytes_more(
    offices: list[Installation], tmp_path: Path
) -> None:
    few, many = (taken(XLSX, office, tmp_path / f"{number}") for number, office in enumerate(offices))
    assert many - few < 64, f"grew by {many - few} MB"
    with (tmp_path / "1").open("rb") as file:
        sheet = load_workbook(file, read_only=True).active
        assert sheet
        *_others, last_row = sheet.iter_rows(min_row=6, max_col=2, values_only=True)
    assert last_row[0] == MOST_ROWS
    assert str(last_row[1]).endswith(f"{MOST_ROWS - 1:06}")


@pytest.mark.long
@measured
def test_the_longest_paper_takes_less_than_64_megabytes_more_and_a_day_more_is_refused(
    offices: list[Installation], tmp_path: Path
) -> None:
    few = taken(PDF, offices[0], tmp_path / "few")
    many = taken(PDF, offices[1], tmp_path / "many", "2026-01-06")
    assert many - few < 64, f"grew by {many - few} MB"
    document = pypdfium2.PdfDocument(tmp_path / "many")
    text = document[len(document) - 1].get_textpage().get_text_range()
    assert "008639" in text
    assert "Tổng số: 8640 hồ sơ" in text
    document.close()
    refused = tmp_path / "refused"
    taken(PDF, offices[1], refused, "2026-01-07", status=400)
    assert "Có 10.080 hồ sơ trong kỳ này, nhiều hơn 10.000 hồ sơ mà một tệp PDF" in refused.read_text(encoding="utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize("form_set", Agency.FormSet)
def test_the_register_drawn_as_a_picture_keeps_off_the_border_and_fills_its_landscape_sheet(
    form_set: Agency.FormSet,
) -> None:
    Agency.objects.filter(pk=people.ward().pk).update(form_set=form_set)
    for number in range(40):
        received(
            at(2, 9), summary=f"Trích yếu rất dài số {number} " * 6, address="12 Hùng Vương, phường Trần Phú " * 4
        )
    paper = pypdfium2.PdfDocument(downloaded(PDF))
    try:
        assert len(paper) > 1
        for page in paper:
            assert (round(page.get_width()), round(page.get_height())) == (842, 595)
            picture = page.render(scale=2, grayscale=True).to_pil()
            left, top, right, bottom = picture.point(lambda tone: 255 if tone < 250 else 0).getbbox()
            edge = 2 * 7 * 72 / 25.4  # seven millimetres
            assert left > edge
            assert top > edge
            assert right < picture.width - edge
            assert bottom < picture.height - edge
            assert right - left > picture.width * 0.9
    finally:
        paper.close()
