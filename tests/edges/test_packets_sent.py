"""What leaves in a packet: cases as data. A new public report of a wrong packet is one more line in a list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from onestop.catalog.models import Phase
from onestop.dossiers.fees import pay, waive
from onestop.dossiers.models import Attachment, Dossier, Fee, State, Transition
from onestop.statistics.models import Publication
from onestop.statistics.periods import Period
from onestop.statistics.publishing import publish
from packets.dialects.qd1705.messages import Kind
from packets.models import Packet, PacketState
from packets.schemas.check import check
from packets.switches.characters import sendable_text
from packets.switches.checks import check_aliases, check_codes
from packets.switches.variation import Variation
from tests import people
from tests.packets.portals import a_portal, collected

# ---- the cases

# A text as it was taken in, and as it leaves.
TEXTS = [
    ("Nguyễn Văn A", "Nguyễn Văn A"),
    ("Nguyễn\ufffe Văn\uffff A", "Nguyễn Văn A"),
    ("a\ufdd0b\ufdefc", "abc"),
    ("a\U0001fffeb\U0010ffffc", "abc"),
    ("a\ud800b\udfffc", "abc"),
    ("a\x00b\x08c\x1fd\x7fe\x9ff", "abcdef"),
    ("dòng một\x0bdòng hai\x0cdòng ba\x85dòng bốn", "dòng một\ndòng hai\ndòng ba\ndòng bốn"),
    ("tab\tvà\r\ndòng", "tab\tvà\r\ndòng"),
    ("chữ số đẹp 𝟙 và 😀 \ufffd", "chữ số đẹp 𝟙 và 😀 \ufffd"),
]

# The last day of a month, and the date that its ratings carry.
MONTHS = [
    (Period(2026, 10), "2026-10-31T12:00:00.000+0700"),
    (Period(2026, 2), "2026-02-28T12:00:00.000+0700"),
    (Period(2024, 2), "2024-02-29T12:00:00.000+0700"),
    (Period(2026, 12), "2026-12-31T12:00:00.000+0700"),
]

AT, UNTIL = "2026-03-02T09:15:00.000+0700", "2026-01-01T00:00:00.000+0700"
# How a portal differs, a field of the standard in a packet, and what leaves; "absent": the field is not there.
DATES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({}, {"DateReceived": AT, "SuccessDate": ""}, {"DateReceived": AT, "SuccessDate": ""}),
    ({"date_offset": "extended"}, {"DateReceived": AT}, {"DateReceived": "2026-03-02T09:15:00.000+07:00"}),
    ({"date_offset": "utc"}, {"DateReceived": AT}, {"DateReceived": "2026-03-02T02:15:00.000Z"}),
    ({"date_offset": "utc"}, {"DateReceived": UNTIL}, {"DateReceived": "2025-12-31T17:00:00.000Z"}),
    ({"date_offset": "none"}, {"DateReceived": AT}, {"DateReceived": "2026-03-02T09:15:00.000"}),
    ({"empty_date": "absent"}, {"SuccessDate": "", "Note": ""}, {"Note": ""}),
    ({"empty_date": "null"}, {"SuccessDate": "", "DateReceived": AT}, {"SuccessDate": None, "DateReceived": AT}),
    # A text that looks like a date is somebody's words.
    ({"date_offset": "utc"}, {"CitizenName": AT}, {"CitizenName": AT}),
    # Within a supplement, too.
    (
        {"date_offset": "none", "empty_date": "absent"},
        {"Supplementaries": [{"SendDate": AT, "ReceivedDate": ""}]},
        {"Supplementaries": [{"SendDate": "2026-03-02T09:15:00.000"}]},
    ),
]

# Aliases, codes, the kind of packet, fields of the standard, and what leaves.
NAMES: list[tuple[dict[str, str], dict[str, dict[str, Any]], str, dict[str, Any], dict[str, Any]]] = [
    ({"Attachmentld": "AttachmentId"}, {}, "document", {"Attachments": [{"Attachmentld": 1}]},
     {"Attachments": [{"AttachmentId": 1}]}),
    ({"Attachments.Attachmentld": "Id"}, {}, "document", {"Attachments": [{"Attachmentld": 1}]},
     {"Attachments": [{"Id": 1}]}),
    ({"document.Attachments.Attachmentld": "Id"}, {}, "document", {"Attachments": [{"Attachmentld": 1}]},
     {"Attachments": [{"Id": 1}]}),
    ({"document.Status": "DocStatus"}, {}, "document", {"Status": 1}, {"DocStatus": 1}),
    ({"document.Status": "DocStatus"}, {}, "trace", {"Status": 1}, {"Status": 1}),
    ({"Status": "S", "document.Status": "DocStatus"}, {}, "trace", {"Status": 1}, {"S": 1}),
    ({"Status": "S", "document.Status": "DocStatus"}, {}, "document", {"Status": 1}, {"DocStatus": 1}),
    ({}, {"document.Status": {"2": 3}}, "document", {"Status": 2}, {"Status": 3}),
    ({}, {"document.Status": {"2": 3}}, "trace", {"Status": 2}, {"Status": 2}),
    ({}, {"Status": {"2": "XONG"}, "trace.Status": {"2": 9}}, "trace", {"Status": 2}, {"Status": 9}),
    ({}, {"Status": {"2": "XONG"}, "trace.Status": {"2": 9}}, "document", {"Status": 2}, {"Status": "XONG"}),
    # A code is a single value's: what is within a list keeps its own names.
    ({"PaperName": "Ten"}, {"DocPapers.PaperType": {"1": "A"}}, "document",
     {"DocPapers": [{"PaperName": "x", "PaperType": 1}], "Supplementaries": [{"Papers": [{"PaperType": 1}]}]},
     {"DocPapers": [{"Ten": "x", "PaperType": "A"}], "Supplementaries": [{"Papers": [{"PaperType": 1}]}]}),
    ({}, {"IsSuccess": {"true": 1, "false": 0}}, "document", {"IsSuccess": True}, {"IsSuccess": 1}),
    ({}, {"Price": {"0": "miễn"}}, "document", {"DocFees": [{"Price": 0.0}]}, {"DocFees": [{"Price": "miễn"}]}),
    # A code comes before the portal's empty date.
    ({}, {"SuccessDate": {"": "0001-01-01T00:00:00.000+0700"}}, "document", {"SuccessDate": ""},
     {"SuccessDate": "0001-01-01T00:00:00.000+0700"}),
]  # fmt: skip

# What is typed as aliases or codes, and a piece of the refusal: it names the packet or the field.
REFUSED: list[tuple[str, Any, str]] = [
    ("aliases", {"Statuss": "S"}, "Statuss"),
    ("aliases", {"AttachmentId": "Id"}, "Attachmentld"),
    ("aliases", {"documents.Status": "S"}, "documents"),
    ("aliases", {"vote.Status": "S"}, "gói vote không có trường Status"),
    ("aliases", {"document.": "S"}, "document."),
    ("aliases", {"": "S"}, "không gói nào"),
    ("aliases", {"Attachments.Status": "S"}, "Attachments.Status"),
    ("aliases", {"Status": "Note"}, "cùng mang tên Note"),
    ("aliases", {"DateReceived": "Ngay", "DateAppointed": "Ngay"}, "cùng mang tên Ngay"),
    ("aliases", {"Status": "S\x00"}, "ký tự ẩn"),
    ("aliases", {"Status": "S" * 101}, "100"),
    ("aliases", {"Status": " "}, "ví dụ"),
    ("aliases", ["Status"], "ví dụ"),
    ("codes", {"Statuss": {"1": 2}}, "Statuss"),
    ("codes", {"trace.ReturnedType": {"1": 2}}, "gói trace không có trường ReturnedType"),
    ("codes", {"Status": {"1": float("nan")}}, "Status"),
    ("codes", {"Status": {"1": [2]}}, "Status"),
    ("codes", {"Status": {"1": "\x00"}}, "ký tự điều khiển"),
    ("codes", {"Status": 2}, "ví dụ"),
]

# How a fee stands, and at what price it is told.
FEES = [("open", 200_000.0), ("paid", 200_000.0), ("waived", 0.0)]


# ---- what runs them


@pytest.mark.parametrize(("text", "leaves"), TEXTS)
def test_a_text_leaves_without_what_no_xml_can_hold(text: str, leaves: str) -> None:
    assert sendable_text(text) == leaves


@pytest.mark.parametrize(("month", "dated"), MONTHS)
@pytest.mark.django_db
def test_ratings_are_dated_at_noon_of_their_last_day(month: Period, dated: str) -> None:
    people.a_dossier_from_before(month)
    publish(people.province(), month, month.end)
    collected(a_portal())
    assert json.loads(Packet.objects.get(kind=Kind.VOTE).body)["DateCreated"] == dated


@pytest.mark.parametrize(("differs", "standard", "leaves"), DATES)
def test_a_date_leaves_as_the_portal_writes_it(
    differs: dict[str, Any], standard: dict[str, Any], leaves: dict[str, Any]
) -> None:
    assert Variation(**differs).applied("document", standard) == leaves


@pytest.mark.parametrize(("aliases", "codes", "kind", "standard", "leaves"), NAMES)
def test_a_field_leaves_under_the_portal_s_name_with_its_code(
    aliases: dict[str, str],
    codes: dict[str, dict[str, Any]],
    kind: str,
    standard: dict[str, Any],
    leaves: dict[str, Any],
) -> None:
    assert Variation(aliases, codes).applied(kind, standard) == leaves


@pytest.mark.parametrize(("field", "typed", "says"), REFUSED)
def test_what_no_packet_has_is_refused_by_name(field: str, typed: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        {"aliases": check_aliases, "codes": check_codes}[field](typed)


@pytest.mark.parametrize(("stands", "price"), FEES)
@pytest.mark.django_db
def test_a_fee_is_told_at_what_the_applicant_owes(stands: str, price: float) -> None:
    people.a_dossier(
        fees=[Fee(name="Phí cấp phiếu", amount=200_000, phase=Phase.RECEPTION, demanded_at=timezone.now())]
    )
    fee = Fee.objects.get()
    if stands == "paid":
        pay(fee, people.lan())
    if stands == "waived":
        waive(fee, people.ha(), reason="Hộ nghèo")
    collected(a_portal())
    told = json.loads(Packet.objects.get(kind=Kind.DOCUMENT).body)["DocFees"]
    assert told == [{"FeeName": "Phí cấp phiếu", "FeeType": 1, "Price": price}]


# ---- the whole way, from the record to the frozen text and back

EVERYWHERE = Variation(
    aliases={"Attachmentld": "AttachmentId", "trace.Status": "S", "vote.Content": "CauHoi", "statistic.Year": "Nam"},
    codes={"document.Status": {"2": "XONG"}, "IsSuccess": {"true": 1, "false": 0}},
    date_offset="utc",
    empty_date="absent",
)


@pytest.mark.django_db
def test_no_text_of_any_packet_keeps_a_forbidden_character() -> None:
    bad = "x\ufffey\U0001ffffz\x0b"
    dossier = people.a_dossier_in(State.RETURNED)
    for name in ("applicant_name", "applicant_note", "address", "summary", "decision_note", "return_note"):
        Dossier.objects.update(**{name: bad})
    # Rows that nobody changes once they are written; these came from before.
    QuerySet(Transition).update(comment=bad, actor_name=bad, actor_position=bad)
    Attachment.objects.create(
        dossier=dossier, ordinal=1, name=f"{bad}.pdf", size=1, sha256="0" * 64, uploaded_at=timezone.now(), file="x"
    )
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    Publication.objects.update(ballots=1, tallies=[{"question": bad, "very_good": 1, "good": 0, "bad": 0}])
    collected(a_portal())
    bodies = list(Packet.objects.exclude(body="").values_list("kind", "body"))
    assert {kind for kind, _body in bodies} == {"document", "trace", "vote", "statistic"}
    for _kind, body in bodies:
        assert "\ufffe" not in body
        assert "\U0001ffff" not in body
        assert "\\u000b" not in body
    assert any("xyz\\n.pdf" in body for _kind, body in bodies)


@pytest.mark.django_db
def test_what_a_portal_wants_otherwise_is_no_fault_and_is_understood_when_read_back() -> None:
    people.a_dossier(files=[people.a_file()])
    people.a_dossier_in(State.RETURNED)
    month = Period.month_of(timezone.now())
    publish(people.province(), month, month.end)
    portal = a_portal(
        aliases=dict(EVERYWHERE.aliases),
        codes=dict(EVERYWHERE.codes),
        date_offset=EVERYWHERE.date_offset,
        empty_date=EVERYWHERE.empty_date,
    )
    collected(portal)
    packets = list(Packet.objects.exclude(body=""))
    assert {packet.state for packet in packets} == {PacketState.READY}
    assert {packet.kind for packet in packets} == {"document", "trace", "vote", "statistic"}
    standard: Any
    for packet in packets:
        sent = json.loads(packet.body)
        assert EVERYWHERE.kind_of(sent) == packet.kind
        standard, faults = EVERYWHERE.restored(packet.kind, sent)
        if packet.kind == Kind.DOCUMENT:
            for part in standard["Attachments"]:
                part["Base64"] = ""
        assert (faults, check(packet.kind, standard)) == ([], [])
