"""The receipts of several dossiers at once: each recorded as a print of its own, all of them or none."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onestop.dossiers import lifecycle
from onestop.dossiers.documents import issuing, many, print_form
from onestop.dossiers.documents.forms import receipt
from onestop.dossiers.models import Dossier, Move, PrintedForm, State
from onestop.staff.models import AccessLog, User
from tests import people

from .test_documents import solid

pytestmark = pytest.mark.django_db

PRINT = "/dossiers/print/"
AS_A_PART = {"HX-Request": "true"}


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def three() -> list[Dossier]:
    return [people.a_dossier() for _number in range(3)]


def ticked(dossiers: list[Dossier], **more: str) -> dict[str, Any]:
    return {"dossier": [str(dossier.uuid) for dossier in dossiers], **more}


def pages(content: bytes) -> list[str]:
    with closing(pypdfium2.PdfDocument(content)) as document:
        return [solid(page.get_textpage().get_text_bounded()) for page in document]


def test_each_receipt_is_a_print_of_its_own_and_one_file_has_them_all() -> None:
    dossiers = three()
    answer = as_(people.lan()).post(PRINT, ticked(dossiers), follow=True)
    assert [status for _address, status in answer.redirect_chain] == [302]
    prints = PrintedForm.objects.order_by("pk")
    assert {form.dossier for form in prints} == set(dossiers)
    assert {(form.kind, form.printed_by, form.transition.move) for form in prints} == {
        ("receipt", "Nguyễn Thị Lan", Move.ACCEPT)
    }
    assert answer["Content-Type"] == "application/pdf"
    shown = pages(answer.content)
    assert len(shown) == 3
    for form in prints:
        with form.file.open("rb") as stored:
            assert pages(stored.read())[0] in shown
    read = AccessLog.objects.filter(act=AccessLog.Act.FILE)
    assert {entry.subject for entry in read} == {dossier.uuid for dossier in dossiers}


def test_the_file_may_stand_in_a_frame_of_ours_and_in_no_other() -> None:
    answer = as_(people.lan()).post(PRINT, ticked(three()), follow=True)
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    page = as_(people.lan()).get("/dossiers/")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_what_was_printed_before_is_printed_again_not_issued_again() -> None:
    dossiers = three()
    before = print_form(dossiers[1], receipt.KIND, dossiers[1].transitions.get(move=Move.ACCEPT), people.ha())
    as_(people.lan()).post(PRINT, ticked(dossiers))
    assert PrintedForm.objects.count() == 3
    assert PrintedForm.objects.get(dossier=dossiers[1]) == before
    as_(people.lan()).post(PRINT, ticked(dossiers))
    assert PrintedForm.objects.count() == 3


def test_dossiers_without_a_receipt_are_named_and_nothing_is_printed() -> None:
    dossiers = [*three(), people.a_dossier_in(State.REGISTERED, applicant_name="Bùi Chưa Tiếp Nhận")]
    answer = as_(people.lan()).post(PRINT, ticked(dossiers), follow=True)
    assert answer.redirect_chain == [("/dossiers/", 302)]
    assert "Chưa in giấy nào: Bùi Chưa Tiếp Nhận không có giấy tiếp nhận" in answer.content.decode()
    assert not PrintedForm.objects.exists()
    part = as_(people.lan()).post(PRINT, ticked(dossiers), headers=AS_A_PART)
    assert "Bùi Chưa Tiếp Nhận" in part.content.decode()
    assert "data-print-now" not in part.content.decode()


def test_an_error_half_way_leaves_neither_rows_nor_files(monkeypatch: pytest.MonkeyPatch) -> None:
    dossiers, record, stored = three(), issuing._record, set[str]()

    def fail_at_the_third(*arguments: Any) -> PrintedForm:
        if len(stored) == 2:
            raise OSError("disk full")
        form = record(*arguments)
        stored.add(form.file.name or "")
        return form

    monkeypatch.setattr(issuing, "_record", fail_at_the_third)
    with pytest.raises(OSError, match="disk full"):
        as_(people.lan()).post(PRINT, ticked(dossiers))
    assert not PrintedForm.objects.exists()
    assert [default_storage.exists(name) for name in stored] == [False, False]


def test_too_many_and_none_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 2)
    client = as_(people.lan())
    assert "tối đa 2 hồ sơ" in client.post(PRINT, ticked(three()), headers=AS_A_PART).content.decode()
    assert "Chưa chọn hồ sơ nào" in client.post(PRINT, ticked([]), headers=AS_A_PART).content.decode()
    assert "Chưa chọn hồ sơ nào" in client.post(PRINT, {"dossier": "x"}, headers=AS_A_PART).content.decode()
    assert not PrintedForm.objects.exists()


def test_all_of_the_filtered_list_are_printed() -> None:
    people.a_dossier(applicant_name="Trần Khác")
    wanted = people.a_dossier(applicant_name="Đỗ Cần In")
    as_(people.lan()).post(PRINT, {"all": "1", "query": "q=do+can+in"})
    assert [form.dossier for form in PrintedForm.objects.all()] == [wanted]


def test_the_first_page_prints_today_s_receipts_that_were_not_printed() -> None:
    dossiers, client = three(), as_(people.lan())
    client.post(PRINT, ticked(dossiers[:1]))
    others = people.a_dossier()
    lifecycle.receive(of_a_colleague := people.a_new_dossier(agency=people.ward()), people.ha())
    assert "In các giấy tiếp nhận chưa in hôm nay" in client.get("/").content.decode()
    part = client.post(PRINT, {"unprinted": "1"}, headers=AS_A_PART).content.decode()
    assert "Đã in 3 giấy tiếp nhận." in part
    printed = {form.dossier for form in PrintedForm.objects.all()}
    assert printed == {*dossiers, others}
    assert of_a_colleague not in printed
    assert "chưa in hôm nay" not in client.get("/").content.decode()
    again = client.post(PRINT, {"unprinted": "1"}, headers=AS_A_PART).content.decode()
    assert "Không còn giấy tiếp nhận nào chưa in." in again


def test_of_many_that_are_not_printed_the_first_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST", 2)
    dossiers, client = three(), as_(people.lan())
    client.post(PRINT, {"unprinted": "1"})
    assert {form.dossier for form in PrintedForm.objects.all()} == set(dossiers[:2])
    client.post(PRINT, {"unprinted": "1"})
    assert {form.dossier for form in PrintedForm.objects.all()} == set(dossiers)


def test_who_does_not_print_or_see_the_dossier_gets_nothing() -> None:
    dossiers = three()
    assert as_(people.thanh()).post(PRINT, ticked(dossiers)).status_code == 403
    assert "Chưa chọn" in as_(people.minh()).post(PRINT, ticked(dossiers), headers=AS_A_PART).content.decode()
    assert not PrintedForm.objects.exists()
    answer = as_(people.lan()).post(PRINT, ticked(dossiers))
    assert as_(people.lan()).get(answer["Location"]).status_code == 200
    assert as_(people.minh()).get(answer["Location"]).status_code == 404
    for address in ("", "?form=x", f"?form={10**18}", f"?form={10**30}"):
        assert as_(people.lan()).get(reverse("dossiers:printed-many") + address).status_code == 404


def test_a_missing_file_is_not_found() -> None:
    answer = as_(people.lan()).post(PRINT, ticked(three()))
    form = PrintedForm.objects.latest("pk")
    form.file.storage.delete(form.file.name or "")
    assert as_(people.lan()).get(answer["Location"]).status_code == 404


def test_drawing_more_receipts_reads_no_more_tables() -> None:
    """What is asked for each is the print itself: was it printed meanwhile, and its row."""

    def queries(number: int) -> list[str]:
        for dossier in (dossiers := [people.a_dossier(fees=[people.a_fee()]) for _each in range(number)]):
            dossier.refresh_from_db()
        client = as_(people.lan())
        with CaptureQueriesContext(connection) as captured:
            client.post(PRINT, ticked(dossiers))
        return [query["sql"] for query in captured if query["sql"].startswith("SELECT")]

    assert len(queries(6)) == len(queries(2))
