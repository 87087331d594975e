"""The printed forms as whoever gets one holds it: rendered, read, scanned; and that a print is never made twice."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pypdfium2
import pytest
import pytest_django
import time_machine
import zxingcpp
from django.core.files.storage import default_storage
from django.urls import resolve
from django.utils import translation
from PIL import Image
from reportlab.lib.units import mm
from reportlab.pdfbase.ttfonts import TTFont

from onestop.catalog.models import Agency, Phase, Procedure, SubmissionChannel
from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle, opinions
from onestop.dossiers.documents import KINDS, FormKind, FormUnavailable, issuing, kinds_in, print_form, printable
from onestop.dossiers.documents.context import FormContext
from onestop.dossiers.documents.forms import apology, control_slip, receipt, refusal, stop_notice, supplement_request
from onestop.dossiers.documents.typeface.faces import BOLD, BOLD_ITALIC, FONTS, ITALIC, REGULAR
from onestop.dossiers.documents.typeface.typography import plain
from onestop.dossiers.models import Dossier, Fee, Move, Paper, PrintedForm, ReturnMethod, State, Transition
from tests import people

pytestmark = pytest.mark.django_db

FormSet = Agency.FormSet
A4, A5 = (210, 297), (148, 210)
# No printer reaches closer to the edge of the sheet.
BORDER = 7
DOTS_PER_MM = 8
TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
LOWER = "".join(unicodedata.normalize("NFC", vowel + tone) for vowel in "aăâeêioôơuưy" for tone in TONES) + "đ"
LETTERS = LOWER + LOWER.upper()
FACE = TTFont("face", FONTS / "Tinos-Regular.ttf").face


def at(day: int, hour: int) -> datetime:
    """An instant of March 2026, whose first day is a Sunday."""
    return datetime(2026, 3, day, hour, tzinfo=VIETNAM)


class Sheet(NamedTuple):
    """One page: in millimetres, as text without the breaks that layout made, and as a picture."""

    size: tuple[int, int]
    text: str
    picture: Image.Image

    @property
    def scanned(self) -> dict[zxingcpp.BarcodeFormat, str]:
        return {found.format: found.text for found in zxingcpp.read_barcodes(self.picture)}

    @property
    def is_clear_to_the_edge(self) -> bool:
        """Whether all that is drawn keeps off the border."""
        border = BORDER * DOTS_PER_MM
        ink = self.picture.point(lambda tone: 255 if tone < 250 else 0).getbbox()
        width, height = self.picture.size
        return ink is None or (
            ink[0] >= border and ink[1] >= border and ink[2] <= width - border and ink[3] <= height - border
        )


def sheets(printed: PrintedForm, dots_per_mm: int = DOTS_PER_MM) -> list[Sheet]:
    with printed.file.open("rb") as stored, closing(pypdfium2.PdfDocument(stored.read())) as document:
        return [
            Sheet(
                (round(page.get_width() / mm), round(page.get_height() / mm)),
                solid(page.get_textpage().get_text_bounded()),
                page.render(scale=dots_per_mm / mm, grayscale=True).to_pil(),
            )
            for page in document
        ]


def solid(text: str) -> str:
    """Words joined by single spaces, however lines were broken."""
    return " ".join(text.split())


def text_of(printed: PrintedForm) -> str:
    return " ".join(sheet.text for sheet in sheets(printed))


def uses(form_set: Agency.FormSet) -> Agency:
    ward = people.ward()
    ward.form_set = form_set
    ward.save()
    return ward


def print_of(dossier: Dossier, kind: FormKind) -> PrintedForm:
    """The last of its kind that can be printed."""
    transition = [move for offered, move in printable(dossier) if offered == kind][-1]
    return print_form(dossier, kind, transition, people.lan())


def extended(dossier: Dossier) -> Dossier:
    lifecycle.extend(dossier, people.ha(), due_at=at(20, 17), comment="Chờ Sở Tư pháp xác minh")
    return dossier


def a_dossier_for(kind: FormKind, **traits: Any) -> Dossier:
    """Brought to where that form is given out."""
    match kind:
        case supplement_request.KIND:
            return people.a_dossier_in(State.AWAITING_SUPPLEMENT, **traits)
        case refusal.KIND:
            dossier = people.a_dossier(**traits)
            lifecycle.deny(dossier, people.ha(), comment="Không đủ điều kiện")
            return dossier
        case apology.KIND:
            return extended(people.a_dossier(**traits))
        case stop_notice.KIND:
            return people.a_dossier_in(State.WITHDRAWN, **traits)
        case _:
            return people.a_dossier(**traits)


@pytest.fixture(autouse=True)
def a_tuesday_morning() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(at(3, 9), tick=False) as clock:
        yield clock


# ---- every form of both sets

EVERY_FORM = [(form_set, kind) for form_set in FormSet for kind in kinds_in(form_set)]


def test_the_sets_are_those_of_the_circulars() -> None:
    numbers = {form_set: [kind.titles[form_set].number for kind in kinds_in(form_set)] for form_set in FormSet}
    assert numbers == {
        FormSet.TT01_2018: ["01", "02", "03", "04", "05"],
        FormSet.TT03_2025: ["01", "02", "03", "04", "05", "06"],
    }


@pytest.mark.parametrize(("form_set", "kind"), EVERY_FORM, ids=str)
def test_every_form_is_one_clean_sheet_that_says_whose_it_is(form_set: Agency.FormSet, kind: FormKind) -> None:
    uses(form_set)
    dossier = a_dossier_for(kind, applicant_name="Đặng Thị Ước Nguyện", identity_no="002195001234")
    [sheet] = sheets(print_of(dossier, kind))
    number, title = kind.titles[form_set]
    assert dossier.code is not None
    for told in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc",
        "UBND TỈNH HÀ GIANG UBND PHƯỜNG TRẦN PHÚ",
        title.upper(),
        f"Mẫu số {number}",
        dossier.code,
        "Đặng Thị Ước Nguyện",
        "Ngày 03 tháng 3 năm 2026",
    ):
        assert told in sheet.text
    assert sheet.size == (A4 if kind == control_slip.KIND else A5)
    assert sheet.is_clear_to_the_edge
    assert "Trang" not in sheet.text


@pytest.mark.parametrize(("form_set", "kind"), EVERY_FORM, ids=str)
def test_the_barcode_reads_as_the_code_and_the_qr_code_leads_to_the_look_up(
    form_set: Agency.FormSet, kind: FormKind, settings: pytest_django.Settings
) -> None:
    settings.PUBLIC_URL = "https://motcua.vidu.gov.vn"
    uses(form_set)
    dossier = a_dossier_for(kind)
    [sheet] = sheets(print_of(dossier, kind))
    address = f"https://motcua.vidu.gov.vn/tra-cuu/{dossier.token}/"
    for_the_applicant = {} if kind == control_slip.KIND else {zxingcpp.BarcodeFormat.QRCode: address}
    assert sheet.scanned == {zxingcpp.BarcodeFormat.Code128: dossier.code, **for_the_applicant}
    assert resolve(urlsplit(address).path).view_name == "dossiers:look-up"


def test_the_longest_code_still_reads() -> None:
    code = ("H22.001.00-260125-" + "0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789")[:60]
    dossier = people.a_dossier(code=code, from_portal=True)
    printed = print_of(dossier, receipt.KIND)
    # As fine as an office printer prints.
    [sheet] = sheets(printed, dots_per_mm=24)
    assert sheet.scanned[zxingcpp.BarcodeFormat.Code128] == code
    [sheet] = sheets(printed)
    assert sheet.is_clear_to_the_edge


def test_a_dossier_without_a_code_has_no_barcode() -> None:
    dossier = people.a_dossier_in(State.REFUSED)
    [sheet] = sheets(print_of(dossier, refusal.KIND))
    assert set(sheet.scanned) == {zxingcpp.BarcodeFormat.QRCode}
    assert "Không thuộc thẩm quyền" in sheet.text


# ---- letters


@pytest.mark.parametrize("cut", [REGULAR, BOLD, ITALIC, BOLD_ITALIC])
def test_every_cut_has_every_vietnamese_letter(cut: str) -> None:
    glyphs = TTFont("cut", FONTS / f"{cut}.ttf").face.charToGlyph
    assert [letter for letter in LETTERS if not glyphs.get(ord(letter))] == []


def test_every_letter_put_in_comes_out_and_has_a_glyph() -> None:
    dossier = people.a_dossier(applicant_name=LETTERS, address=LETTERS[::-1])
    text = text_of(print_of(dossier, receipt.KIND))
    assert LETTERS in text.replace(" ", "")
    assert LETTERS[::-1] in text.replace(" ", "")
    assert [letter for letter in text if not letter.isspace() and not FACE.charToGlyph.get(ord(letter))] == []


def test_accents_typed_apart_from_their_letters_are_put_together() -> None:
    dossier = people.a_dossier(applicant_name=unicodedata.normalize("NFD", "Nguyễn Thị Ước"))
    assert "Nguyễn Thị Ước" in text_of(print_of(dossier, receipt.KIND))


def test_what_was_typed_is_no_markup() -> None:
    dossier = people.a_dossier(summary="1 < 2 <para>")
    # What is hidden is refused nowadays; older rows may hold it.
    Dossier.objects.update(applicant_name="Công ty <b>A & B</b> &amp; \x01\u200bCon")
    dossier.refresh_from_db()
    text = text_of(print_of(dossier, receipt.KIND))
    assert "Công ty <b>A & B</b> &amp; Con" in text
    assert "1 < 2 <para>" in text


def test_signs_without_a_glyph_are_left_out_and_lines_are_kept() -> None:
    assert plain(" Một\x01\u200b\nHai\x00 ") == "Một<br/>Hai"


def test_the_paper_is_vietnamese_whatever_its_printer_reads() -> None:
    with translation.override("en"):
        text = text_of(print_of(people.a_dossier(), receipt.KIND))
    assert "Hình thức nộp: trực tiếp" in text
    assert "Thời hạn giải quyết: 2 ngày làm việc" in text


# ---- more than a page

LONG = "Giấy chứng nhận quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác gắn liền với đất số "


def an_enormous_dossier() -> Dossier:
    papers = [Paper(name=f"{LONG * (1 + number % 3)}{number}", quantity=number) for number in range(1, 31)]
    # One cell that no page can hold.
    papers.append(Paper(name=" ".join(f"từ{number}" for number in range(1500))))
    return people.a_dossier(
        procedure=people.a_procedure(code="1.2", name=" ".join(f"chữ{number}" for number in range(200))),
        applicant_name="Nguyễn" * 80,
        address=", ".join(f"ngõ {number}" for number in range(110)),
        papers=papers,
        fees=[Fee(name=(LONG * 6)[:500], amount=2_147_483_647)],
    )


@pytest.mark.parametrize("kind", [receipt.KIND, control_slip.KIND])
def test_what_does_not_fit_flows_on_and_nothing_is_cut(kind: FormKind) -> None:
    dossier = an_enormous_dossier()
    for number in range(15):
        unit = people.department() if number % 2 == 0 else people.ward()
        lifecycle.hand_over(dossier, people.root(), unit=unit, comment=f"{LONG * 40}lần {number} hết")
    pages = sheets(print_of(dossier, kind))
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert page.is_clear_to_the_edge
        assert f"Trang {number}/{len(pages)}" in page.text
        assert dossier.code is not None
        assert dossier.code in page.text
    whole = "".join(page.text for page in pages).replace(" ", "")
    told = [f"chữ{number}" for number in range(1, 200)] + ["Nguyễn" * 80]
    if kind == receipt.KIND:
        told += [f"từ{number}" for number in range(1500)] + [f"{number}" for number in range(1, 32)]
        told += [dossier.address, "2.147.483.647 đồng"]
    else:
        told += [f"lần {number} hết" for number in range(15)]
    assert [part for part in told if part.replace(" ", "") not in whole] == []


def test_long_letters_flow_on_too() -> None:
    dossier = people.a_dossier(applicant_name="Nguyễn" * 80)
    reason = "\n".join(f"Lý do thứ {number}: {LONG}" for number in range(40))
    lifecycle.extend(dossier, people.ha(), due_at=at(20, 17), comment=reason)
    pages = sheets(print_of(dossier, apology.KIND))
    assert len(pages) > 1
    assert all(page.is_clear_to_the_edge for page in pages)
    assert all(f"Lý do thứ {number}:" in " ".join(page.text for page in pages) for number in range(40))
    # Nobody signs a page that says nothing.
    assert "thông cảm" in pages[-1].text


# ---- what each form tells


def test_the_receipt_tells_what_was_handed_in_and_what_is_owed() -> None:
    now = at(3, 9)
    dossier = people.a_dossier(
        phone="0912 345 678",
        email="uoc@vidu.vn",
        summary="Khai sinh cho con",
        papers=[
            Paper(name="Tờ khai", form=Paper.Form.ORIGINAL),
            Paper(name="Giấy chứng sinh", form=Paper.Form.COPY, quantity=2),
            Paper(name="Căn cước", form=Paper.Form.ELECTRONIC),
            Paper(name="Kết quả", phase=Phase.RETURN),
        ],
        fees=[
            Fee(name="Lệ phí", amount=8_000, paid_at=now, receipt_no="0012"),
            Fee(name="Phí cấp bản sao", amount=1_500_000),
            Fee(name="Cước gửi", amount=26_000, phase=Phase.RETURN),
        ],
        files=[people.a_file()],
    )
    text = text_of(print_of(dossier, receipt.KIND))
    for told in (
        "Điện thoại: 0912 345 678",
        "Thư điện tử: uoc@vidu.vn",
        "Thủ tục: Đăng ký khai sinh (1.001193)",
        "Nội dung yêu cầu: Khai sinh cho con",
        "1 Tờ khai 1 bản chính",
        "2 Giấy chứng sinh 2 bản sao",
        "3 Căn cước 1 bản điện tử",
        "Tệp điện tử kèm theo: 1 tệp",
        "Số lượng hồ sơ: 01 bộ",
        "Lệ phí 8.000 đồng đã nộp, biên lai 0012",
        "Phí cấp bản sao 1.500.000 đồng chưa nộp",
        "Cước gửi 26.000 đồng nộp khi trả kết quả",
        "Cộng 1.534.000 đồng",
        "Nhận kết quả: trực tiếp tại Bộ phận Một cửa, UBND phường Trần Phú",
        "09:00 ngày 03/03/2026",
        "09:00 ngày 05/03/2026",
        "Nguyễn Thị Lan",
    ):
        assert told in text
    assert "Kết quả 1" not in text


def test_the_receipt_tells_who_hands_in_for_whom_and_who_signs() -> None:
    quy_nhon = people.a_commune("21583", "Phường Quy Nhơn", "52 Tỉnh Gia Lai")
    submitter = {"submitter_capacity": "authorised", "submitter_authorisation": "Số 12, ngày 01/03/2026"}
    numbers = {"submitter_identity_no": "052085570548", "submitter_phone": "0905123456"}
    traits: dict[str, Any] = {"submitter_name": "Đặng Văn Con", **submitter, **numbers}
    dossier = people.a_dossier(birth_date="1950", address="12 Lê Lợi", commune=quy_nhon, **traits)
    text = text_of(print_of(dossier, receipt.KIND))
    assert "Chủ hồ sơ: Đặng Văn Ước Ngày sinh: 1950" in text
    assert "Địa chỉ: 12 Lê Lợi, Phường Quy Nhơn, Tỉnh Gia Lai" in text
    assert "Người nộp hồ sơ: Đặng Văn Con (người được ủy quyền)" in text
    assert "052 085 570 548" in text
    assert "Văn bản ủy quyền: Số 12, ngày 01/03/2026" in text
    # Once in its line, once below the signature.
    assert text.count("Đặng Văn Con") == 2
    slip = text_of(print_of(dossier, control_slip.KIND))
    assert "Người nộp hồ sơ" in slip


def test_an_applicant_who_comes_in_person_has_no_line_of_a_submitter() -> None:
    dossier = people.a_dossier()
    assert text_of(print_of(dossier, receipt.KIND)).upper().count("NGƯỜI NỘP HỒ SƠ") == 1
    assert "Người nộp hồ sơ" not in text_of(print_of(dossier, control_slip.KIND))


def test_a_waived_fee_is_told_and_not_summed() -> None:
    waived = Fee(name="Lệ phí", amount=8_000, waived_at=at(3, 9), waived_by="Phạm Hà", waived_reason="Hộ nghèo")
    dossier = people.a_dossier(fees=[waived, Fee(name="Phí", amount=5_000)])
    text = text_of(print_of(dossier, receipt.KIND))
    assert "Lệ phí 8.000 đồng được miễn" in text
    assert "Cộng 5.000 đồng" in text


def test_nobody_is_named_as_the_signer_of_what_the_system_accepted() -> None:
    dossier = people.a_new_dossier()
    lifecycle.receive(dossier, None)
    assert text_of(print_of(dossier, receipt.KIND)).endswith("NGƯỜI TIẾP NHẬN HỒ SƠ (Ký, ghi rõ họ tên)")


def test_the_receipt_of_a_dossier_sent_in_asks_nobody_to_sign() -> None:
    dossier = people.a_dossier(channel=SubmissionChannel.ONLINE, return_method=ReturnMethod.POST)
    text = text_of(print_of(dossier, receipt.KIND))
    assert "(Nộp trực tuyến)" in text
    assert "Nhận kết quả: qua bưu chính" in text


@pytest.mark.parametrize(
    ("traits", "told"),
    [
        ({"limit": Decimal("6.25")}, "6,25 ngày làm việc"),
        ({"limit": Decimal(20), "limit_unit": Procedure.Unit.DAYS}, "20 ngày"),
        ({"limit": None, "limit_unit": "", "limit_text": "Ngay sau phiên họp"}, "Ngay sau phiên họp"),
        ({"limit": None, "limit_unit": "", "limit_text": ""}, "theo quy định của pháp luật"),
    ],
)
def test_the_time_limit_is_told_in_words(traits: dict[str, object], told: str) -> None:
    dossier = people.a_dossier(procedure=people.a_procedure(code="1.3", **traits))
    text = text_of(print_of(dossier, receipt.KIND))
    assert f"Thời hạn giải quyết: {told}" in text
    assert ("sẽ thông báo sau" in text) == (dossier.due_at is None)


def test_each_set_calls_the_counter_by_its_own_name() -> None:
    uses(FormSet.TT01_2018)
    text = text_of(print_of(people.a_dossier(), receipt.KIND))
    assert "Bộ phận Tiếp nhận và Trả kết quả, UBND phường Trần Phú" in text
    assert "Thông tư 01/2018/TT-VPCP" in text


def test_a_receipt_printed_later_tells_what_was_so_when_it_was_accepted() -> None:
    with time_machine.travel(at(3, 9), tick=False) as clock:
        dossier = people.a_dossier(fees=[people.a_fee()])
        clock.move_to(at(3, 10))
        lifecycle.ask_payment(dossier, people.lan(), fees=[Fee(name="Phí thẩm định", amount=90_000)])
        lifecycle.receive_payment(dossier, people.lan())
        lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu", papers=[Paper(name="Giấy đến sau")])
        clock.move_to(at(4, 10))
        lifecycle.receive_supplement(dossier, people.lan(), files=[people.a_file()])
        extended(dossier)
    text = text_of(print_of(dossier, receipt.KIND))
    assert "09:00 ngày 05/03/2026" in text
    assert "Lệ phí 8.000 đồng chưa nộp" in text
    for later in ("20/03/2026", "Giấy đến sau", "Phí thẩm định", "Tệp điện tử"):
        assert later not in text


def test_a_second_round_is_another_paper_with_its_own_request() -> None:
    dossier = people.a_dossier()
    for request, paper in (("Thiếu chữ ký", "Tờ khai có chữ ký"), ("Ảnh bị mờ", "Ảnh rõ hơn")):
        papers = [Paper(name=paper, phase=Phase.SUPPLEMENT)]
        lifecycle.ask_supplement(dossier, people.lan(), comment=request, papers=papers)
        lifecycle.receive_supplement(dossier, people.lan())
    asked = [move for kind, move in printable(dossier) if kind == supplement_request.KIND]
    first, second = (print_form(dossier, supplement_request.KIND, move, people.lan()) for move in asked)
    assert first != second
    one, two = text_of(first), text_of(second)
    for told in ("lần 1", "Thiếu chữ ký", "Tờ khai có chữ ký", "Nguyễn Thị Lan, Công chức một cửa"):
        assert told in one
    for told in ("lần 2", "Ảnh bị mờ", "Ảnh rõ hơn"):
        assert told in two
        assert told not in one


def test_a_supplement_request_says_until_when_and_what_becomes_of_the_time_limit() -> None:
    fixed = people.a_procedure(code="1.4", after_supplement=Procedure.AfterSupplement.FIXED, supplement_days=10)
    later = people.a_dossier_in(State.AWAITING_SUPPLEMENT, procedure=fixed)
    text = text_of(print_of(later, supplement_request.KIND))
    assert "Bổ sung trước: 17:00 ngày 13/03/2026" in text
    assert "được tính tiếp phần còn lại" in text
    restarted = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    assert "được tính lại từ đầu" in text_of(print_of(restarted, supplement_request.KIND))


def test_before_the_acceptance_there_is_no_time_limit_to_stop() -> None:
    dossier = people.a_registered_dossier()
    lifecycle.ask_supplement(dossier, people.lan(), comment="Thiếu tờ khai", fees=[people.a_fee()])
    text = text_of(print_of(dossier, supplement_request.KIND))
    assert "Thời hạn" not in text
    assert "Lệ phí 8.000 đồng" in text


@pytest.mark.parametrize(
    ("form_set", "asks"), [(FormSet.TT01_2018, "hẹn lại thời gian"), (FormSet.TT03_2025, "đề nghị gia hạn")]
)
def test_the_apology_names_the_old_day_and_the_new_one(form_set: Agency.FormSet, asks: str) -> None:
    uses(form_set)
    text = text_of(print_of(extended(people.a_dossier()), apology.KIND))
    for told in (
        "Kính gửi: Đặng Văn Ước",
        "Thời gian hẹn trả kết quả là 09:00 ngày 05/03/2026",
        "17:00 ngày 20/03/2026",
        asks,
    ):
        assert told in text
    assert "Lý do: Chờ Sở Tư pháp xác minh" in text
    assert "THỦ TRƯỞNG CƠ QUAN" in text


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.WITHDRAWN, "Theo đề nghị của Ông/Bà, UBND phường Trần Phú dừng giải quyết"),
        (State.STOPPED, "Lý do: Người nộp đã mất"),
    ],
)
def test_the_stop_notice_says_at_whose_wish(state: State, told: str) -> None:
    dossier = people.a_dossier_in(state, papers=[Paper(name="Tờ khai", form=Paper.Form.ORIGINAL)])
    text = text_of(print_of(dossier, stop_notice.KIND))
    assert told in text
    assert ("Theo đề nghị" in text) == (state == State.WITHDRAWN)
    assert "Bản chính các giấy tờ đã nộp được trả lại" in text


def test_a_refusal_after_examination_says_so() -> None:
    text = text_of(print_of(a_dossier_for(refusal.KIND), refusal.KIND))
    assert "UBND phường Trần Phú từ chối giải quyết hồ sơ này sau khi thẩm tra" in text
    assert "Lý do: Không đủ điều kiện" in text


# ---- the control slip


def slip_of(dossier: Dossier) -> str:
    return text_of(print_of(dossier, control_slip.KIND))


def test_the_control_slip_tells_who_gave_the_dossier_to_whom_and_whether_in_time(
    a_tuesday_morning: time_machine.Traveller,
) -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(
        dossier, people.lan(), unit=people.department(), officer=people.minh(), step_due=at(3, 11), comment="Thẩm tra"
    )
    opinions.ask(dossier, people.minh(), agency=people.province(), question="Đúng không?", due_at=at(6, 9))
    a_tuesday_morning.move_to(at(3, 12))
    lifecycle.hand_over(dossier, people.minh(), unit=people.ward(), step_due=at(3, 16))
    a_tuesday_morning.move_to(at(3, 15))
    lifecycle.hand_over(dossier, people.ha(), officer=people.ha(), step_due=at(5, 16))
    a_tuesday_morning.move_to(at(4, 8))
    lifecycle.approve(dossier, people.ha())
    text = slip_of(dossier)
    for told in (
        "Cơ quan phối hợp: UBND tỉnh Hà Giang",
        "1 Tiếp nhận 09:00 ngày 03/03/2026 Chủ hồ sơ Nguyễn Thị Lan",
        "Trần Minh Sở Tư pháp 11:00 ngày 03/03/2026 quá hạn Thẩm tra",
        "16:00 ngày 03/03/2026 đúng hạn",
        "Phạm Hà UBND phường Trần Phú 16:00 ngày 05/03/2026 trước hạn",
        "Duyệt kết quả",
        "Kết quả chung: trước hạn",
    ):
        assert told in text


def test_a_step_that_still_runs_is_said_to(a_tuesday_morning: time_machine.Traveller) -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.lan(), officer=people.binh(), step_due=at(3, 16))
    assert "16:00 ngày 03/03/2026 đang làm" in slip_of(dossier)
    a_tuesday_morning.move_to(at(10, 9))
    lifecycle.start(dossier, people.binh())
    text = slip_of(dossier)
    assert "16:00 ngày 03/03/2026 quá hạn" in text
    assert "Kết quả chung: quá hạn" in text


def test_a_step_with_a_pause_in_it_is_neither_late_nor_early(a_tuesday_morning: time_machine.Traveller) -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.lan(), officer=people.binh(), step_due=at(3, 16))
    lifecycle.ask_supplement(dossier, people.binh(), comment="Thiếu")
    a_tuesday_morning.move_to(at(10, 9))
    lifecycle.receive_supplement(dossier, people.binh())
    lifecycle.hand_over(dossier, people.binh(), officer=people.ha())
    text = slip_of(dossier)
    assert "16:00 ngày 03/03/2026 có tạm dừng" in text
    assert "Kết quả chung: đang làm" in text


def test_a_reopened_dossier_is_not_done() -> None:
    dossier = people.a_dossier_in(State.COMPLETED)
    assert "Kết quả chung: trước hạn" in slip_of(dossier)
    lifecycle.reopen(dossier, people.ha(), comment="Duyệt nhầm")
    assert "Kết quả chung: đang làm" in slip_of(dossier)


def test_the_control_slip_of_a_move_does_not_know_the_next() -> None:
    dossier = people.a_dossier()
    accepted = dossier.transitions.get(move=Move.ACCEPT)
    lifecycle.start(dossier, people.binh())
    early = text_of(print_form(dossier, control_slip.KIND, accepted, people.lan()))
    assert "Bắt đầu xử lý" not in early
    assert "Bắt đầu xử lý" in slip_of(dossier)


def test_what_the_system_did_has_no_name_to_sign(a_tuesday_morning: time_machine.Traveller) -> None:
    fixed = people.a_procedure(code="1.4", after_supplement=Procedure.AfterSupplement.FIXED, supplement_days=1)
    dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT, procedure=fixed)
    a_tuesday_morning.move_to(at(20, 9))
    lifecycle.lapse(dossier)
    assert "Quá hạn bổ sung" in text_of(print_of(dossier, stop_notice.KIND))
    assert "Dừng xử lý 09:00 ngày 20/03/2026 UBND phường Trần Phú" in slip_of(dossier)


# ---- which can be printed


def offered(dossier: Dossier) -> list[tuple[FormKind, str]]:
    return [(kind, move.move) for kind, move in printable(dossier)]


def test_each_move_offers_its_form_and_the_last_one_the_control_slip() -> None:
    dossier = people.a_dossier_in(State.AWAITING_SUPPLEMENT)
    lifecycle.receive_supplement(dossier, people.lan())
    extended(dossier)
    lifecycle.withdraw(dossier, people.lan(), comment="Xin rút")
    assert offered(dossier) == [
        (receipt.KIND, Move.ACCEPT),
        (supplement_request.KIND, Move.ASK_SUPPLEMENT),
        (apology.KIND, Move.EXTEND),
        (stop_notice.KIND, Move.WITHDRAW),
        (control_slip.KIND, Move.WITHDRAW),
    ]
    assert offered(people.a_dossier_in(State.REFUSED)) == [(refusal.KIND, Move.REFUSE)]
    assert offered(people.a_registered_dossier()) == []


def test_the_set_of_2018_has_no_stop_notice() -> None:
    uses(FormSet.TT01_2018)
    dossier = people.a_dossier_in(State.WITHDRAWN)
    assert stop_notice.KIND not in dict(offered(dossier))
    with pytest.raises(FormUnavailable, match="TT 01/2018/TT-VPCP không có “thông báo dừng giải quyết”"):
        print_form(dossier, stop_notice.KIND, last_move(dossier), people.lan())
    assert not PrintedForm.objects.exists()


def last_move(dossier: Dossier) -> Transition:
    return dossier.transitions.order_by("-pk")[0]


def test_a_form_is_printed_only_for_its_own_move_of_its_own_dossier() -> None:
    dossier, other = people.a_dossier(), people.a_dossier()
    for kind in KINDS.values():
        if kind not in (receipt.KIND, control_slip.KIND):
            with pytest.raises(FormUnavailable, match="không dành cho thao tác “tiếp nhận”"):
                print_form(dossier, kind, last_move(dossier), people.lan())
        with pytest.raises(FormUnavailable):
            print_form(dossier, kind, last_move(other), people.lan())
    with pytest.raises(FormUnavailable):
        print_form(dossier, control_slip.KIND, dossier.transitions.get(move=Move.REGISTER), people.lan())


# ---- printed once


def stored_files(dossier: Dossier) -> list[str]:
    return default_storage.listdir(f"printed/{dossier.uuid}")[1]


def test_the_same_form_twice_is_the_same_bytes_from_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = people.a_dossier()
    first = print_of(dossier, receipt.KIND)
    # Found, not drawn again.
    monkeypatch.delattr(issuing, "draw")
    dossier.applicant_name = "Tên khác"
    dossier.save()
    again = print_form(dossier, receipt.KIND, first.transition, people.ha())
    assert again == first
    assert again.printed_by == "Nguyễn Thị Lan"
    assert "Tên khác" not in text_of(again)
    assert len(stored_files(dossier)) == 1
    with again.file.open("rb") as stored:
        assert people.sha256_of(stored.read()) == again.sha256


def test_drawing_is_repeatable_to_the_byte(a_tuesday_morning: time_machine.Traveller) -> None:
    dossier = people.a_dossier()
    form_set = FormSet.TT03_2025
    context = FormContext(dossier, last_move(dossier), form_set, receipt.KIND.titles[form_set])
    first = issuing.draw(receipt.KIND, context)
    a_tuesday_morning.shift(timedelta(days=400))
    assert issuing.draw(receipt.KIND, context) == first


def test_another_set_is_another_paper() -> None:
    dossier = people.a_dossier()
    first = print_of(dossier, receipt.KIND)
    uses(FormSet.TT01_2018)
    dossier = Dossier.objects.get(pk=dossier.pk)
    second = print_of(dossier, receipt.KIND)
    assert (first.form_set, second.form_set) == (FormSet.TT03_2025, FormSet.TT01_2018)


def test_of_two_who_print_at_once_both_get_the_paper_of_the_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = people.a_dossier()
    draw = issuing.draw
    faster: list[PrintedForm] = []

    def draw_slowly(kind: FormKind, context: FormContext) -> bytes:
        monkeypatch.setattr(issuing, "draw", draw)
        faster.append(print_form(dossier, kind, context.transition, people.ha()))
        return draw(kind, context)

    monkeypatch.setattr(issuing, "draw", draw_slowly)
    slower = print_of(dossier, receipt.KIND)
    assert [slower] == faster == list(PrintedForm.objects.all())
    assert slower.printed_by == "Phạm Hà"
    assert len(stored_files(dossier)) == 1


def test_a_print_that_fails_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = people.a_dossier()

    def full_disk(*_args: object, **_options: object) -> None:
        raise OSError

    monkeypatch.setattr(PrintedForm, "save", full_disk)
    with pytest.raises(OSError):  # noqa: PT011 it carries no text
        print_of(dossier, receipt.KIND)
    assert stored_files(dossier) == []
