"""Phones and identity numbers as people type them and spreadsheets spoil them: kept in one way, found however typed.

A new case is one line in `PHONES`, `IDENTITY_NOS`, `ASKED_BACK`, `REFUSED` or `CODES`.
"""

from __future__ import annotations

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from onestop.common.errors import InputRefused
from onestop.common.input import identity_numbers, phones
from onestop.dossiers import lifecycle
from onestop.dossiers.codes.reading import code_within
from onestop.dossiers.models import Dossier, Move
from packets.dialects.qd1705.build import document
from tests import people
from tests.api.caller import caller

from .intake_doors import DOORS, counter, row

# What is typed, what is kept, what is shown.
PHONES = [
    ("0905 123 456", "0905123456", "0905 123 456"),
    ("0905.123.456", "0905123456", "0905 123 456"),
    ("0905-123-456", "0905123456", "0905 123 456"),
    ("0905\u2013123\u2013456", "0905123456", "0905 123 456"),
    ("+84905123456", "0905123456", "0905 123 456"),
    ("84905123456", "0905123456", "0905 123 456"),
    ("0084905123456", "0905123456", "0905 123 456"),
    ("+84 (0)905 123 456", "0905123456", "0905 123 456"),
    ("\u202a+84 905 123 456\u202c", "0905123456", "0905 123 456"),
    ("905123456", "0905123456", "0905 123 456"),
    ("905123456.0", "0905123456", "0905 123 456"),
    ("'0905123456", "0905123456", "0905 123 456"),
    ("ĐT: 0905123456", "0905123456", "0905 123 456"),
    ("０９０５１２３４５６", "0905123456", "0905 123 456"),
    ("٠٩٠٥١٢٣٤٥٦", "0905123456", "0905 123 456"),
    ("(0219) 3866 123", "02193866123", "0219 3866 123"),
    ("2193866123", "02193866123", "0219 3866 123"),
    ("024 3936 1234", "02439361234", "024 3936 1234"),
    ("1900 1234", "19001234", "1900 1234"),
    ("+1 415 555 2671", "+14155552671", "+14155552671"),
    ("0905123456 - 0912345678", "0905123456; 0912345678", "0905 123 456; 0912 345 678"),
    ("0905123456/0912345678", "0905123456; 0912345678", "0905 123 456; 0912 345 678"),
    ("0905123456,0912345678", "0905123456; 0912345678", "0905 123 456; 0912 345 678"),
    ("0905 123 456 0912 345 678", "0905123456; 0912345678", "0905 123 456; 0912 345 678"),
    ("(0219) 3866 123 hoặc 0905123456", "02193866123; 0905123456", "0219 3866 123; 0905 123 456"),
    ("0905123456; 0905 123 456", "0905123456", "0905 123 456"),
    ("", "", ""),
]
IDENTITY_NOS = [
    ("052 085 570548", "052085570548", "052 085 570 548"),
    ("052.085.570.548", "052085570548", "052 085 570 548"),
    ("052\u2011085\u2011570548", "052085570548", "052 085 570 548"),
    ("０５２０８５５７０５４８", "052085570548", "052 085 570 548"),
    ("'052085570548", "052085570548", "052 085 570 548"),
    ("052085570548.0", "052085570548", "052 085 570 548"),
    ("CCCD: 052085570548", "052085570548", "052 085 570 548"),
    ("CMND số 211 234 567", "211234567", "211 234 567"),
    ("c1234567", "C1234567", "C1234567"),
    ("0101234567001", "0101234567-001", "0101234567-001"),
    ("MST 0101234567 - 001", "0101234567-001", "0101234567-001"),
    ("0101234567", "0101234567", "0101234567"),
    ("41E8-000123", "41E8000123", "41E8000123"),
    ("12/QĐ-UBND", "12/QĐ-UBND", "12/QĐ-UBND"),
    ("", "", ""),
]
# What has a shape of its own; the rest is searched as words.
SEARCHED = [typed for typed, kept, _shown in IDENTITY_NOS if kept and "E" not in kept and "/" not in kept]
# Of which kind, in which field, what is typed: the desk asks back once, and what it says of it.
ASKED_BACK = [
    ("citizen", "phone", "0901", "4 chữ số"),
    ("citizen", "phone", "01689 123 456", "0389 123 456"),
    ("citizen", "phone", "0905123456/7", "chữ số"),
    ("citizen", "identity_no", "12345678", "012 345 678"),
    ("citizen", "identity_no", "1085001234", "001 085 001 234"),
    ("citizen", "identity_no", "0101234567-001", "14 ký tự"),
    ("business", "identity_no", "101234567", "0101234567"),
    ("organisation", "identity_no", "1234567", "0101234567-001"),
]
# What no door takes, and why.
REFUSED = [
    ("citizen", "phone", "9.05E+08", "eaten_by_spreadsheet"),
    ("citizen", "phone", "9,05E+8", "eaten_by_spreadsheet"),
    ("citizen", "phone", "0000000000", "one_digit"),
    ("citizen", "phone", "113", "too_short"),
    ("citizen", "phone", "không có", "not_a_phone"),
    ("citizen", "phone", "0905123456 chị Lan", "not_a_phone"),
    ("citizen", "identity_no", "5.2085E+10", "eaten_by_spreadsheet"),
    ("citizen", "identity_no", "52085001234", "lost_zero"),
    ("citizen", "identity_no", "111111111111", "one_digit"),
    ("citizen", "identity_no", "123", "too_short"),
    ("business", "identity_no", "không có", "no_digit"),
    ("other", "identity_no", "0000000", "one_digit"),
]
# What is right of its kind, and asked back by nobody.
RIGHT = [
    ("citizen", "052085570548"),
    ("citizen", "211234567"),
    ("citizen", "C1234567"),
    ("business", "0101234567"),
    ("business", "0101234567-001"),
    ("business", "052085570548"),
    ("organisation", "0101234567"),
    ("other", "52085001234"),
    ("other", "X-99/A"),
]
# How the code H22.101.00-260302-0001 is written; and texts that hold none.
CODES = [
    "H22.101.00-260302-0001",
    "h22.101.00-260302-0001",
    "H22.101.00\u2013260302\u20130001",
    "H22.101.00\u2010260302\u20110001",
    "H22.101.00\u2014260302\u22120001",
    "H22.101.00 - 260302 - 0001",
    "H22. 101. 00-260302-0001",
    "H22.101.00_260302_0001",
    "Mã hồ sơ: H22.101.00–260302–0001.",
    "HO SO. H22.101.00-260302-0001",
    "(H22.101.00-260302-0001)",
    "Ｈ２２.101.00-260302-0001",
    "H22.101.00-\u200b260302-0001",
]
OTHER_CODES = [
    ("mã 000.00.01.h22–181023–0001", "000.00.01.H22-181023-0001"),
    ("0101234567-260302-0001.", "0101234567-260302-0001"),
    ("G09.12-260302-000123 và H22.101.00-260302-0001", "G09.12-260302-000123"),
]
NO_CODES = ["H22.101.00", "260302-0001", "H22.101.00-269902-0001", "0905123456 - 0912345678", "Khai sinh"]


@pytest.mark.parametrize(("typed", "kept", "shown"), PHONES, ids=ascii)
def test_a_phone_is_kept_in_one_way_and_shown_in_groups(typed: str, kept: str, shown: str) -> None:
    assert phones.canonical(typed) == kept
    assert phones.canonical(shown) == kept
    assert phones.shown(kept) == shown
    assert phones.objection(kept) is None


@pytest.mark.parametrize(("typed", "kept", "shown"), IDENTITY_NOS, ids=ascii)
def test_an_identity_number_is_kept_in_one_way_and_shown_in_groups(typed: str, kept: str, shown: str) -> None:
    assert identity_numbers.canonical(typed) == kept
    assert identity_numbers.canonical(shown) == kept
    assert identity_numbers.shown(kept) == shown


NUMBER_LIKE = st.text("0123456789 +-.()/;,|E84\u2013０٩'ab", max_size=40) | st.text(max_size=20)


@given(text=NUMBER_LIKE)
def test_reading_a_number_twice_is_reading_it_once(text: str) -> None:
    for read in (phones.canonical, identity_numbers.canonical):
        assert read(read(text)) == read(text)
    assert phones.canonical(phones.shown(phones.canonical(text))) == phones.canonical(text)


MOBILE = st.from_regex(r"0[35789][0-9]{8}", fullmatch=True)


@given(digits=MOBILE, cuts=st.sets(st.integers(1, 9)), mark=st.sampled_from(" .-"))
def test_a_phone_is_the_same_wherever_it_is_cut(digits: str, cuts: set[int], mark: str) -> None:
    cut = "".join(mark + digit if place in cuts else digit for place, digit in enumerate(digits))
    assert phones.canonical(cut) == phones.canonical(f"+84{digits[1:]}") == digits


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_every_door_keeps_numbers_in_one_way(door: str) -> None:
    dossier = DOORS[door](identity_no="052 085 570548", phone="+84 905 123 456")
    assert (dossier.identity_no, dossier.phone) == ("052085570548", "0905123456")


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("kind", "field", "typed", "code"), REFUSED)
def test_no_door_takes_nonsense_and_each_says_why(door: str, kind: str, field: str, typed: str, code: str) -> None:
    with pytest.raises(ValidationError, match=field):
        DOORS[door](applicant_kind=kind, **{field: typed})
    new = people.a_new_dossier(applicant_kind=kind, **{field: typed})
    with pytest.raises(InputRefused) as refused:
        lifecycle.receive(new, people.lan())
    assert refused.value.fields[field][0].code == code


def post(address: str, typed: dict[str, Any]) -> Any:
    client = Client()
    client.force_login(people.lan())
    return client.post(address, typed)


def at_the_counter(**typed: Any) -> dict[str, Any]:
    return {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "return_method": "direct",
        "applicant_name": "Đặng Văn Ước",
        **typed,
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "field", "typed", "said"), ASKED_BACK)
def test_a_doubtful_number_is_asked_back_once_and_then_taken(kind: str, field: str, typed: str, said: str) -> None:
    address = reverse("dossiers:receive", args=[people.a_procedure().code])
    form = at_the_counter(applicant_kind=kind, **{field: typed})
    answer = post(address, form)
    assert answer.status_code == 200
    assert said in answer.context["form"].errors[field][0]
    assert not Dossier.objects.exists()
    asked_back = answer.context["form"]["asked_back"].value()
    # Another doubtful one instead is asked back, too.
    other = post(address, form | {"phone": "0902", "asked_back": asked_back})
    assert other.status_code == 200
    assert post(address, form | {"asked_back": asked_back}).status_code == 302
    assert Dossier.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "typed"), RIGHT)
def test_a_number_that_is_right_of_its_kind_is_taken_at_once(kind: str, typed: str) -> None:
    assert counter(applicant_kind=kind, identity_no=typed).identity_no == identity_numbers.canonical(typed)


@pytest.mark.django_db
def test_an_amendment_asks_back_what_was_changed_and_nothing_else() -> None:
    dossier = people.a_dossier(phone="0901", identity_no="12345678")
    address = reverse("dossiers:move", args=[dossier.uuid, Move.AMEND])
    same = {"applicant_kind": "citizen", "return_method": "direct", "applicant_name": "Đặng Văn Ướt"}
    typed = same | {"phone": "0901", "identity_no": "12345678"}
    assert post(address, typed).status_code == 302
    answer = post(address, typed | {"phone": "0902"})
    assert set(answer.context["form"].errors) == {"phone"}
    assert 'type="hidden" name="asked_back" value="phone:0902"' in answer.content.decode()
    # Of another kind of applicant, the same number is another thing.
    answer = post(address, typed | {"applicant_kind": "business"})
    assert set(answer.context["form"].errors) == {"identity_no"}


@pytest.mark.django_db
def test_what_was_taken_before_stands_in_no_way_of_another_correction() -> None:
    dossier = people.a_dossier()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE dossiers_dossier SET phone = %s WHERE id = %s", ["không có", dossier.pk])
    dossier.refresh_from_db()
    lifecycle.amend(dossier, people.lan(), changes={"address": "12 Trần Phú", "phone": "không có"})
    with pytest.raises(InputRefused) as refused:
        lifecycle.amend(dossier, people.lan(), changes={"phone": "không"})
    assert set(refused.value.fields) == {"phone"}


@pytest.mark.django_db
def test_the_same_number_in_another_writing_is_no_change() -> None:
    dossier = people.a_dossier(phone="0905123456", identity_no="052085570548")
    with pytest.raises(InputRefused, match="Không có gì thay đổi"):
        lifecycle.amend(dossier, people.lan(), changes={"phone": "+84 905 123 456", "identity_no": "052 085 570548"})


@pytest.mark.django_db
def test_a_partner_who_hands_the_same_in_again_in_another_writing_finds_it_unchanged() -> None:
    first = row(phone="0905123456", applicant_name="Đặng Văn Ước")
    again = first | {"phone": "+84 905 123 456", "applicant_name": "Đặng  Văn Ước"}
    assert [caller().post("dossiers", told).status_code for told in (first, again)] == [201, 200]


def found_by(text: str) -> Any:
    client = Client()
    client.force_login(people.lan())
    return client.post(reverse("dossiers:find"), {"q": text}).get("Location")


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "kept", "shown"), [case for case in PHONES if case[1]], ids=ascii)
def test_a_dossier_is_found_by_its_phone_however_it_is_typed(typed: str, kept: str, shown: str) -> None:
    people.a_dossier(phone="0999888777", identity_no="001199099999")
    dossier = people.a_dossier(phone=kept)
    page = reverse("dossiers:detail", args=[dossier.uuid])
    for text in (typed, shown, *phones.phones_in(kept)):
        assert found_by(text) == page, ascii(text)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", SEARCHED, ids=ascii)
def test_a_dossier_is_found_by_its_identity_number_however_it_is_typed(typed: str) -> None:
    people.a_dossier(identity_no="001199099999")
    dossier = people.a_dossier(identity_no=typed)
    assert found_by(typed) == reverse("dossiers:detail", args=[dossier.uuid])


@pytest.mark.django_db
def test_pages_and_forms_show_numbers_in_groups_and_files_hold_them_plain() -> None:
    dossier = people.a_dossier(phone="0905123456 / 0912345678", identity_no="052085570548")
    user, client = people.lan(), Client()
    client.force_login(user)
    page = client.get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()
    assert "0905 123 456; 0912 345 678" in page
    assert "052 085 570 548" in page
    user.list_columns = ["phone"]
    user.save()
    assert "0905 123 456; 0912 345 678" in client.get(reverse("dossiers:list")).content.decode()
    answer: Any = client.get(reverse("dossiers:list-csv"))
    file = b"".join(answer.streaming_content).decode()
    assert "0905123456; 0912345678" in file


@pytest.mark.parametrize("text", CODES, ids=ascii)
def test_a_code_is_read_with_any_dash_blanks_and_words_around_it(text: str) -> None:
    assert code_within(text) == "H22.101.00-260302-0001"


@pytest.mark.parametrize(("text", "code"), OTHER_CODES)
def test_codes_of_others_are_read_too(text: str, code: str) -> None:
    assert code_within(text) == code


@pytest.mark.parametrize("text", NO_CODES, ids=ascii)
def test_what_is_no_code_is_read_as_none(text: str) -> None:
    assert code_within(text) is None


@pytest.mark.django_db
@pytest.mark.parametrize("text", CODES, ids=ascii)
def test_a_dossier_is_found_by_its_code_however_it_is_typed(text: str) -> None:
    cache.clear()
    dossier = people.a_dossier(code="H22.101.00-260302-0001", phone="0905123456 / 0912 345 678")
    assert found_by(text) == reverse("dossiers:detail", args=[dossier.uuid])
    assert Dossier.objects.matching(text).get() == dossier
    for end, is_right in (("3456", True), ("5678", True), ("3457", False)):
        answer = Client().post(reverse("dossiers:ask"), {"code": text, "phone_end": end})
        assert ("Được tiếp nhận" in answer.content.decode()) == is_right


@pytest.mark.django_db
def test_dossiers_with_doubtful_numbers_are_listed_by_code_and_their_numbers_are_not() -> None:
    people.a_dossier(phone="0905123456", identity_no="052085570548")
    doubtful = people.a_dossier(phone="0901", identity_no="12345678")
    said, counted = StringIO(), StringIO()
    call_command("doubtful_numbers", stdout=said, stderr=counted)
    assert said.getvalue().splitlines() == [f"{doubtful.code} identity_no lost_zero", f"{doubtful.code} phone unusual"]
    assert "2 số" in counted.getvalue()
    assert "0901" not in said.getvalue()


@pytest.mark.django_db
def test_what_is_sent_to_a_portal_is_what_is_kept() -> None:
    dossier = people.a_dossier(phone="+84 905 123 456", identity_no="052 085 570548")
    told = document(dossier, lambda _file: "")
    assert (told.Phone, told.ApplicantsId) == ("0905123456", "052085570548")
