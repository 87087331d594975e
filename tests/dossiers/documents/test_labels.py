"""Labels for folders: read by a scanner, without a person's data, on the labels that are still there."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image
from reportlab.lib.units import mm

from onestop.dossiers.models import Dossier, PrintedForm, State
from onestop.staff.models import User
from tests import people

from .test_documents import DOTS_PER_MM, Sheet, solid

pytestmark = pytest.mark.django_db

LABELS = "/dossiers/labels/"


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def sheets(content: bytes) -> list[Sheet]:
    with closing(pypdfium2.PdfDocument(content)) as document:
        return [
            Sheet(
                (round(page.get_width() / mm), round(page.get_height() / mm)),
                solid(page.get_textpage().get_text_bounded()),
                page.render(scale=DOTS_PER_MM / mm, grayscale=True).to_pil(),
            )
            for page in document
        ]


def printed(dossiers: list[Dossier], **more: Any) -> list[Sheet]:
    answer = as_(people.lan()).get(LABELS, {"dossier": [str(dossier.uuid) for dossier in dossiers], **more})
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    return sheets(answer.content)


def at(sheet: Sheet, column: int, row: int) -> Image.Image:
    """What is printed on one label of an A4 sheet; eight rows leave 4.5 mm above."""
    left, top = 70 * column, 4.5 + 36 * row
    return sheet.picture.crop(tuple(round(DOTS_PER_MM * side) for side in (left, top, left + 70, top + 36)))  # type: ignore[arg-type] # four numbers


def scanned(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def test_a_label_is_scanned_and_says_what_is_in_the_folder() -> None:
    dossier = people.a_dossier()
    (sheet,) = printed([dossier], sheet="roll")
    assert sheet.size == (70, 36)
    assert scanned(sheet.picture) == [dossier.code]
    assert dossier.due_at
    due = f"Hẹn trả: {timezone.localtime(dossier.due_at):%H:%M %d/%m/%Y}"
    for text in (dossier.code or "none", due, dossier.procedure.name, dossier.agency.name):
        assert text in sheet.text
    assert not PrintedForm.objects.exists()


def test_a_label_tells_nothing_of_a_person() -> None:
    dossier = people.a_dossier(
        applicant_name="Bùi Kín Đáo",
        identity_no="001088000005",
        phone="0905000111",
        address="12 Hùng Vương",
        email="kin@example.vn",
        summary="Ly hôn",
    )
    (sheet,) = printed([dossier], sheet="roll")
    for text in ("Kín", "001088000005", "0905", "Hùng Vương", "example", "Ly hôn", dossier.token):
        assert text not in sheet.text
        assert all(text not in code for code in scanned(sheet.picture))


def test_a_sheet_begins_with_the_first_label_that_is_left() -> None:
    dossiers = [people.a_dossier() for _number in range(3)]
    first, second = printed(dossiers, sheet="a4", first="23")
    assert first.size == second.size == (210, 297)
    codes = [[dossiers[0].code], [dossiers[1].code], [dossiers[2].code]]
    assert [scanned(at(first, 1, 7)), scanned(at(first, 2, 7)), scanned(at(second, 0, 0))] == codes
    # No printer reaches closer to the edge of the sheet.
    border = round(4.2 * DOTS_PER_MM)
    for sheet in (first, second):
        ink = sheet.picture.point(lambda tone: 255 if tone < 250 else 0).getbbox()
        assert ink
        assert border <= ink[0]
        assert ink[2] <= sheet.picture.width - border


def test_a_code_too_long_for_a_barcode_stands_in_a_qr_code() -> None:
    code = "G01.899.500.000.00.00.H22-181023-99990001"
    dossier = people.a_dossier()
    Dossier.objects.filter(pk=dossier.pk).update(code=code)
    (sheet,) = printed([dossier], sheet="roll")
    assert sheet.scanned == {zxingcpp.BarcodeFormat.QRCode: code}


def test_a_very_long_name_stays_on_its_label() -> None:
    procedure = people.a_procedure(code="9.999999", name="Thủ tục cấp phép " * 40)
    dossier = people.a_dossier(procedure=procedure)
    (sheet,) = printed([dossier], sheet="roll")
    assert "…" in sheet.text
    assert scanned(sheet.picture) == [dossier.code]


def test_the_list_leads_to_the_page_that_asks_for_the_sheet() -> None:
    dossiers = [people.a_dossier() for _number in range(2)]
    chosen = {"dossier": [str(dossier.uuid) for dossier in dossiers]}
    answer = as_(people.lan()).post("/dossiers/labels/choose/", chosen, follow=True)
    page = answer.content.decode()
    assert "Nhãn cho 2 hồ sơ" in page
    assert all(str(dossier.code) in page and str(dossier.uuid) in page for dossier in dossiers)
    assert page.count('name="first"') == 24
    none = as_(people.lan()).post("/dossiers/labels/choose/", {}, follow=True)
    assert "Chưa chọn hồ sơ nào" in none.content.decode()


def test_a_dossier_without_a_code_has_no_label_and_is_named() -> None:
    dossiers = [people.a_dossier(), people.a_dossier_in(State.REGISTERED, applicant_name="Bùi Chưa Mã")]
    chosen = {"dossier": [str(dossier.uuid) for dossier in dossiers], "sheet": "a4"}
    answer = as_(people.lan()).get(LABELS, chosen)
    assert answer["Content-Type"].startswith("text/html")
    assert "Bùi Chưa Mã chưa có mã hồ sơ" in answer.content.decode()


def test_what_is_no_sheet_is_explained_at_its_field() -> None:
    chosen = {"dossier": str(people.a_dossier().uuid)}
    for wrong in ({"sheet": "a3"}, {"sheet": "a4", "first": "25"}, {"sheet": "a4", "first": "x"}):
        answer = as_(people.lan()).get(LABELS, {**chosen, **wrong})
        assert answer["Content-Type"].startswith("text/html")
        assert "errorlist" in answer.content.decode()


def test_who_does_not_print_or_see_the_dossier_gets_no_label() -> None:
    chosen = {"dossier": str(people.a_dossier().uuid), "sheet": "roll"}
    assert as_(people.thanh()).get(LABELS, chosen).status_code == 403
    assert as_(people.minh()).get(LABELS, chosen).status_code == 302
    assert Client().get(LABELS, chosen)["Location"].startswith("/sign-in/")
