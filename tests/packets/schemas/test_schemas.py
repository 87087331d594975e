import base64
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from packets.schemas.check import BASE64_BLOCK, KINDS, SCHEMAS, SchemaError, check, decoded_blocks, kind_of
from tests.packets import SAMPLES, document, statistic, trace, vote

Packet = dict[str, Any]


def rules(faults: list[SchemaError]) -> set[tuple[str, str]]:
    return {(fault.path, fault.rule) for fault in faults}


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_valid_itself(kind: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_packet_has_no_fault(kind: str) -> None:
    assert check(kind, SAMPLES[kind]()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_required_field_is_missed_by_name(kind: str) -> None:
    for name in SCHEMAS[kind]["required"]:
        packet = SAMPLES[kind]()
        del packet[name]
        assert (name, "required") in rules(check(kind, packet))


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_the_standard_does_not_know_is_refused(kind: str) -> None:
    assert rules(check(kind, SAMPLES[kind](fromViaPostal="0"))) == {("fromViaPostal", "unknown-field")}


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("document", "OrganInchargeIdLevel1"),
        ("trace", "OrganizationInchargeIdLevel1"),
        ("vote", "OrganizationInchargeIdLevel1"),
        ("statistic", "OrganizationInchargeIdlevel1"),
    ],
)
def test_each_packet_spells_the_agency_in_its_own_way(kind: str, key: str) -> None:
    packet = SAMPLES[kind]()
    spellings = {"OrganInchargeIdLevel1", "OrganizationInchargeIdLevel1", "OrganizationInchargeIdlevel1"}
    for wrong in spellings - {key}:
        respelt = {wrong if name == key else name: value for name, value in packet.items()}
        assert rules(check(kind, respelt)) == {(wrong, "unknown-field"), (key, "required")}


def test_the_attachment_number_is_spelt_with_a_lower_case_l() -> None:
    faults = check("document", document(Attachments=[{"AttachmentId": 1}]))
    named = {fault.path: fault for fault in faults}
    assert named["Attachments[0].Attachmentld"].rule == "required"
    assert "Attachmentld" in named["Attachments[0].AttachmentId"].message


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("Status", 3, "enum"),
        ("Status", "1", "type"),
        ("Status", True, "type"),
        ("ApplicantsType", 5, "enum"),
        ("ReturnedType", 2, "enum"),
        ("IsReturned", False, "type"),
        ("IsReturned", "False", "enum"),
        ("HasSupplementary", "", "enum"),
        ("IsSuccess", "true", "type"),
        ("CitizenName", "", "blank"),
        ("DocCode", "", "blank"),
        ("Note", None, "type"),
        ("Attachments", {}, "type"),
        ("DateReceived", "2018-10-23T08:15:00.000Z", "pattern"),
        ("DateReceived", "2018-10-23T08:15:00+0700", "pattern"),
        ("DateReceived", "2018-10-23T08:15:00.000+07:00", "pattern"),
        ("DateReceived", "2018-10-23T08:15:00.000+0700\n", "pattern"),
        ("DateReceived", "20181023081500", "pattern"),
        ("DateReceived", "0000-00-00T00:00:00.000+0700", "date"),
        ("DateReceived", "2018-02-29T08:15:00.000+0700", "date"),
        ("FinishedDate", "", "pattern"),
    ],
)
def test_a_wrong_value_in_a_document_is_one_fault_at_its_field(field: str, value: object, rule: str) -> None:
    assert rules(check("document", document(**{field: value}))) == {(field, rule)}


@pytest.mark.parametrize("field", ["DateReceived", "DateAppointed", "SuccessDate"])
def test_a_required_date_that_has_not_happened_is_blank(field: str) -> None:
    assert check("document", document(**{field: ""})) == []


def test_a_citizen_may_have_neither_number_nor_phone_and_a_dossier_no_file() -> None:
    assert check("document", document(ApplicantsId="", Phone="", Attachments=[])) == []


@pytest.mark.parametrize(("returned", "date"), [("true", ""), ("false", "2018-10-23T08:15:00.000+0700")])
def test_a_result_is_returned_exactly_when_it_has_a_date(returned: str, date: str) -> None:
    faults = check("document", document(IsReturned=returned, ReturnedDate=date))
    assert rules(faults) == {("ReturnedDate", "returned")}


def test_nested_faults_are_named_by_their_place() -> None:
    supplementary = document()["Supplementaries"][0] | {"SendDate": "", "Fees": [{"FeeName": "x", "FeeType": 3}]}
    faults = check("document", document(Supplementaries=[supplementary]))
    assert rules(faults) == {
        ("Supplementaries[0].SendDate", "pattern"),
        ("Supplementaries[0].Fees[0].FeeType", "enum"),
        ("Supplementaries[0].Fees[0].Price", "required"),
    }


@pytest.mark.parametrize(
    ("price", "rule"), [(-1, "range"), (float("nan"), "type"), (float("inf"), "type"), (True, "type")]
)
def test_a_price_is_a_real_number_from_zero_on(price: float, rule: str) -> None:
    fees = [{"FeeName": "lệ phí", "FeeType": 1, "Price": price}]
    assert rules(check("document", document(DocFees=fees))) == {("DocFees[0].Price", rule)}


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1])
def test_numbers_of_attachments_fit_32_bits(number: int) -> None:
    attachment = document()["Attachments"][0] | {"Attachmentld": number}
    faults = check("document", document(Attachments=[attachment]))
    assert rules(faults) == {("Attachments[0].Attachmentld", "range")}


@pytest.mark.parametrize("content", ["A", "AAA", "AA=A", "AAAA====", "AA\nA", "AA-_", "đđđđ", "===="])
def test_what_is_not_base64_is_a_fault(content: str) -> None:
    attachment = document()["Attachments"][0] | {"Base64": content}
    faults = check("document", document(Attachments=[attachment]))
    assert rules(faults) == {("Attachments[0].Base64", "base64")}


def test_padding_in_the_middle_of_a_long_content_is_a_fault() -> None:
    block = base64.b64encode(bytes(BASE64_BLOCK * 3 // 4 - 1)).decode()
    assert len(block) == BASE64_BLOCK
    with pytest.raises(ValueError, match="before its end"):
        list(decoded_blocks(block + block))


@given(st.binary(max_size=200), st.sampled_from([0, BASE64_BLOCK * 3 // 4 - 1, BASE64_BLOCK * 3 // 4]))
def test_whatever_was_encoded_decodes_to_itself(end: bytes, length: int) -> None:
    content = bytes(length) + end
    assert b"".join(decoded_blocks(base64.b64encode(content).decode())) == content


def test_no_message_repeats_a_value() -> None:
    secret = "079200001234"
    faults = check("document", document(**{name: [secret] for name in document()}, Extra=secret))
    assert len(faults) == len(document()) + 1
    assert not [fault for fault in faults if secret in fault.message + fault.path]


def test_a_field_name_cannot_break_the_line_it_is_printed_on() -> None:
    [fault] = check("trace", trace(**{"x\ny" + "z" * 1000: 1}))
    assert fault.path.isprintable()
    assert len(fault.path) < 100


@pytest.mark.parametrize("packet", [None, 5, "x", [], [document()]])
def test_what_is_no_object_is_one_fault(packet: object) -> None:
    assert rules(check("document", packet)) == {("", "type")}


def test_a_bottomless_value_is_a_fault_and_no_crash() -> None:
    deep: list[object] = []
    for _level in range(5000):
        deep = [deep]
    assert rules(check("trace", trace(Comment=deep))) == {("", "depth")}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"Total": 11}, ("Total", "sum")),
        ({"PreExtisting": 3}, ("Total", "sum")),
        ({"SolvedLate": 3}, ("TotalSolved", "sum")),
        ({"Pending": 2}, ("TotalPending", "sum")),
        ({"SolvedInTimePercent": 66.6}, ("SolvedInTimePercent", "share")),
        ({"SolvedInTimePercent": 0.667}, ("SolvedInTimePercent", "decimals")),
        ({"SolvedLatePercent": 33.4}, ("SolvedLatePercent", "share")),
        ({"PendingPercent": 1}, ("PendingPercent", "share")),
        ({"PendingLatePercent": 25.01}, ("PendingLatePercent", "decimals")),
        ({"PendingLatePercent": 100.1}, ("PendingLatePercent", "range")),
        ({"Month": 0}, ("Month", "period")),
        ({"IsMonthStatistic": False}, ("Month", "period")),
        ({"Month": 13}, ("Month", "range")),
        ({"NewReception": -1}, ("NewReception", "range")),
    ],
)
def test_figures_of_a_statistic_that_do_not_fit_are_found(changes: Packet, fault: tuple[str, str]) -> None:
    assert fault in rules(check("statistic", statistic(**changes)))


def test_a_year_has_month_0() -> None:
    assert check("statistic", statistic(Month=0, IsMonthStatistic=False)) == []


def test_without_dossiers_every_percent_is_0() -> None:
    nothing = {name: 0 for name, value in statistic().items() if type(value) in (int, float)}
    assert check("statistic", statistic(**nothing | {"Month": 1, "Year": 2026})) == []
    faults = check("statistic", statistic(**nothing | {"Month": 1, "Year": 2026, "SolvedInTimePercent": 100}))
    assert rules(faults) == {("SolvedInTimePercent", "share")}


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(1, 3, 33.3), (1, 16, 6.3), (1, 800, 0.1), (1, 2000, 0.1), (1, 2001, 0.0)]
)
def test_half_a_tenth_is_rounded_up(part: int, whole: int, percent: float) -> None:
    packet = statistic(
        NewReception=whole,
        PreExtisting=0,
        Total=whole,
        TotalSolved=whole,
        SolvedInTime=part,
        SolvedInTimePercent=percent,
        SolvedLate=whole - part,
        SolvedLatePercent=float(100 - Decimal(str(percent))),
        **dict.fromkeys(["TotalPending", "Pending", "PendingLate", "PendingLatePercent", "PendingPercent"], 0),
    )
    assert check("statistic", packet) == []


@pytest.mark.parametrize("shares", [(33.3, 33.3, 33.4), (0.1, 0.2, 99.7), (100, 0, 0)])
def test_three_percents_of_a_vote_that_add_to_100_are_right(shares: tuple[float, ...]) -> None:
    assert check("vote", vote(shares)) == []


@pytest.mark.parametrize(
    ("shares", "fault"),
    [
        ((33.3, 33.3, 33.3), ("", "sum")),
        ((0, 0, 0), ("", "sum")),
        ((33.33, 33.33, 33.34), ("PercentVeryGood", "decimals")),
    ],
)
def test_three_percents_of_a_vote_that_do_not_are_a_fault(shares: tuple[float, ...], fault: tuple[str, str]) -> None:
    assert fault in rules(check("vote", vote(shares)))


def test_without_votes_the_percents_are_0() -> None:
    assert check("vote", vote((0, 0, 0), TotalVoted=0)) == []
    assert rules(check("vote", vote((100, 0, 0), TotalVoted=0))) == {("", "sum")}


def test_a_question_has_its_own_sum() -> None:
    questions = [
        {"Content": "Thái độ?", "PercentVeryGood": first, "PercentGood": 0, "PercentBad": 0} for first in (0, 100, 50)
    ]
    assert rules(check("vote", vote(Questions=questions))) == {("Questions[2]", "sum")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_packet_is_recognised_by_its_fields(kind: str) -> None:
    assert kind_of(SAMPLES[kind]()) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_packet_is_recognised_with_half_of_its_fields(kind: str) -> None:
    items = list(SAMPLES[kind]().items())
    assert kind_of(dict(items[::2])) == kind


@pytest.mark.parametrize("other", [None, 5, [], {}, {"DocCode": "1", "Status": 1}, [document()]])
def test_what_could_be_any_packet_or_none_is_not_recognised(other: object) -> None:
    assert kind_of(other) is None
