"""The main job, end to end. Start here: a citizen's request becomes packets that the national portal holds."""

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from onestop.catalog.models import Procedure
from onestop.demo import office
from onestop.dossiers.models import Dossier, State
from onestop.staff.models import User
from onestop.statistics.periods import VIETNAM
from onestop.votes.ballots import cast
from onestop.votes.models import QuestionSet

from . import people
from .practice_portal import Sandbox

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
CATALOGUE = Path(office.__file__).parent / "catalogue"
SCAN = b"%PDF-1.7 don dang ky"
SCAN_AS_HELD = f"sha256:{sha256(SCAN).hexdigest()}:{len(SCAN)}"


def at(month: int, day: int, hour: int, minute: int = 0) -> time_machine.travel:
    return time_machine.travel(datetime(2026, month, day, hour, minute, tzinfo=VIETNAM), tick=False)


def clicks(user: User, dossier: Dossier, move: str, **typed: str | int) -> None:
    """What a person does on a dossier's page: opens a move's form, fills it in, sends it."""
    browser = Client()
    browser.force_login(user)
    answer = browser.post(f"/dossiers/{dossier.uuid}/{move}/", typed)
    assert answer.status_code == 302, answer.content.decode()


def test_a_dossier_travels_from_the_counter_to_the_national_portal(practice_portal: Sandbox) -> None:
    call_command("import_catalog", str(CATALOGUE), verbosity=0)
    call_command("load_calendar", verbosity=0)
    procedure = Procedure.objects.get(code="1.001612")  # a household business: three working days
    url = practice_portal.address
    with at(3, 1, 12):
        call_command(
            *("add_portal", "practice", "--base-url", url, "--token-url", f"{url}/token"),
            *("--client-id", "demo", "--client-secret", "demo-secret"),
        )

    # The counter: Lan types the request in, with one scanned paper.
    with at(3, 2, 9, 15):
        counter = Client()
        counter.force_login(people.lan())
        typed = {
            "channel": "direct",
            "agency": people.ward().pk,
            "applicant_kind": "citizen",
            "applicant_name": "Đặng Thị Én",
            "identity_no": "052190001234",
            "phone": "0905000111",
            "address": "12 Hùng Vương",
            "summary": "Mở quán cà phê",
            "return_method": "direct",
            "uploads": people.a_file("đơn.pdf", SCAN),
        }
        counter.post(f"/dossiers/receive/{procedure.code}/", typed)
        dossier = Dossier.objects.get()
        call_command("sync_packets", verbosity=0)

    # The work: Bình examines, Hà signs, Lan hands over.
    with at(3, 3, 8):
        clicks(people.binh(), dossier, "start")
    with at(3, 4, 16):
        clicks(people.ha(), dossier, "approve", comment="Đủ điều kiện", approver=people.ha().pk)
    with at(3, 5, 8, 30):
        clicks(people.lan(), dossier, "return_result", return_method="direct", comment="Đã ký nhận")
    dossier.refresh_from_db()
    assert dossier.state == State.RETURNED

    # The month ends, the citizen has voted, the figures are published. One worker sends it all.
    questions = QuestionSet.objects.create(name="Khảo sát")
    questions.questions.create(ordinal=1, content="Thái độ phục vụ")
    cast(dossier, questions, {1: {"rating": 1, "reason": ""}}, on=date(2026, 3, 5))
    with at(4, 1, 8):
        call_command("close_period", "2026-03", verbosity=0)
        call_command("sync_packets", "--drain", verbosity=0)

    first, last = practice_portal.held("document", "H22.101.00-260302-0001")
    assert first["Status"] == 1
    assert first["SuccessDate"] == first["ReturnedDate"] == ""
    assert list(last.items()) == [
        ("DocTypeCode", "1.001612"),
        ("DocTypeName", "Đăng ký thành lập hộ kinh doanh"),
        ("DocCode", "H22.101.00-260302-0001"),
        ("CitizenName", "Đặng Thị Én"),
        ("ApplicantsId", "052190001234"),
        ("ApplicantsType", 1),
        ("Address", "12 Hùng Vương"),
        ("Phone", "0905000111"),
        ("Compendium", "Mở quán cà phê"),
        ("DateReceived", "2026-03-02T09:15:00.000+0700"),
        ("DateAppointed", "2026-03-05T09:15:00.000+0700"),
        ("IsSuccess", True),
        ("SuccessDate", "2026-03-04T16:00:00.000+0700"),
        ("ApproverName", "Phạm Hà"),
        ("ApproverPosition", "Chủ tịch"),
        ("SuccessNote", "Đủ điều kiện"),
        ("IsReturned", "true"),
        ("ReturnedDate", "2026-03-05T08:30:00.000+0700"),
        ("ReturnNote", "Đã ký nhận"),
        ("ReturnedType", 0),
        ("FinishedDate", "2026-03-04T16:00:00.000+0700"),
        ("Status", 2),
        ("ProcessingOrganName", "UBND phường Trần Phú"),
        ("HasSupplementary", "false"),
        (
            "Attachments",
            [
                {
                    "Attachmentld": 1,
                    "AttachmentName": "đơn.pdf",
                    "IsDeleted": False,
                    "Base64": SCAN_AS_HELD,
                    "IsVerified": True,
                }
            ],
        ),
        ("OrganInchargeIdLevel1", "H22"),
        ("OrganInchargeName", "UBND tỉnh Hà Giang"),
    ]
    traces = practice_portal.held("trace", "H22.101.00-260302-0001")
    assert [(trace["DateCreated"], trace["UserName"], trace["Comment"], trace["Status"]) for trace in traces] == [
        ("2026-03-02T09:15:00.000+0700", "Nguyễn Thị Lan", "tiếp nhận", 1),
        ("2026-03-03T08:00:00.000+0700", "Lê Bình", "bắt đầu xử lý", 1),
        ("2026-03-04T16:00:00.000+0700", "Phạm Hà", "Đủ điều kiện", 2),
        ("2026-03-05T08:30:00.000+0700", "Nguyễn Thị Lan", "Đã ký nhận", 2),
    ]
    assert {trace["DocumentId"] for trace in traces} == {str(dossier.uuid)}
    (vote,) = practice_portal.held("vote")
    assert vote == {
        "DateCreated": "2026-03-31T12:00:00.000+0700",
        "TotalVoted": 1,
        "PercentVeryGood": 100.0,
        "PercentGood": 0.0,
        "PercentBad": 0.0,
        "Questions": [{"Content": "Thái độ phục vụ", "PercentVeryGood": 100.0, "PercentGood": 0.0, "PercentBad": 0.0}],
        "OrganizationInchargeIdLevel1": "H22",
        "OrganizationInchargeName": "UBND tỉnh Hà Giang",
    }
    (statistic,) = practice_portal.held("statistic")
    assert statistic == {
        "Month": 3,
        "Year": 2026,
        "IsMonthStatistic": True,
        "NewReception": 1,
        "PreExtisting": 0,
        "Total": 1,
        "TotalSolved": 1,
        "SolvedInTime": 1,
        "SolvedInTimePercent": 100.0,
        "SolvedLate": 0,
        "SolvedLatePercent": 0.0,
        "TotalPending": 0,
        "Pending": 0,
        "PendingLate": 0,
        "PendingLatePercent": 0.0,
        "PendingPercent": 0.0,
        "Note": "",
        "OrganizationInchargeIdlevel1": "H22",
        "OrganizationInchargeName": "UBND tỉnh Hà Giang",
    }
