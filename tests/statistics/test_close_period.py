"""`close_period` publishes for those who report, or says why not and saves nothing."""

from __future__ import annotations

from datetime import datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from onestop.common.time import VIETNAM
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.statistics.models import Publication
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture(autouse=True)
def _two_provinces_in_november(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2026, 11, 5, 9, tzinfo=VIETNAM), tick=False)
    for agency in (people.ward(), people.another_province()):
        dossier = people.a_new_dossier(agency=agency)
        lifecycle.receive(dossier, None, at=datetime(2026, 10, 1, 8, tzinfo=VIETNAM))


def close(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("close_period", *arguments, stdout=out)
    return out.getvalue().splitlines()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as refusal:
        close(*arguments)
    assert refusal.value.returncode == 1
    assert not Publication.objects.exists()
    return str(refusal.value)


def test_it_publishes_for_everybody_who_reports_and_a_second_time_for_nobody() -> None:
    assert close("2026-10") == ["H22 2026-10: đã công bố (lần 1)", "H23 2026-10: đã công bố (lần 1)"]
    assert Publication.objects.filter(year=2026, month=10, new_reception=1).count() == 2
    assert close("2026-10") == [
        "H22 2026-10: không đổi, giữ nguyên (lần 1)",
        "H23 2026-10: không đổi, giữ nguyên (lần 1)",
    ]
    assert Publication.objects.count() == 2


def test_it_publishes_for_one_agency_and_for_a_whole_year(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(datetime(2027, 1, 5, 9, tzinfo=VIETNAM), tick=False)
    assert close("2026", "--agency", "H23") == ["H23 2026: đã công bố (lần 1)"]
    publication = Publication.objects.get()
    assert (publication.agency, publication.year, publication.month) == (people.another_province(), 2026, 0)


@pytest.mark.parametrize("text", ["2026-09", "2025"])
def test_of_the_time_before_its_first_dossier_nobody_publishes_anything(text: str) -> None:
    assert refused(text, "--agency", "H23").startswith(f"H23 không có số liệu kỳ {text} để công bố")
    assert close(text) == ["Không có kỳ nào chưa chốt."]
    assert close(text, "--dry-run") == ["Không có kỳ nào chưa chốt."]


@pytest.mark.parametrize("text", ["2026-13", "10/2026", ""])
def test_what_is_no_period_is_refused_with_an_example(text: str) -> None:
    assert refused(text) == f"“{text}” không phải là kỳ: viết như 2026-10 (tháng), 2026-Q4 (quý) hoặc 2026 (năm)."


@pytest.mark.parametrize("code", ["H99", "H22.101", "h22"])
def test_an_agency_that_does_not_report_is_refused_by_its_code(code: str) -> None:
    assert code in refused("2026-10", "--agency", code)
    assert "Không có cơ quan cấp 1" in refused("2026-10", "--agency", code)


@pytest.mark.parametrize("text", ["2026-11", "2026", "2030-01"])
def test_a_period_that_is_not_over_is_refused(text: str) -> None:
    assert refused(text) == f"Kỳ {text} chưa kết thúc nên chưa chốt được."


def test_without_a_period_it_closes_what_was_forgotten(time_machine: time_machine.TimeMachineFixture) -> None:
    assert close("--agency", "H22") == ["H22 2026-10: đã công bố (lần 1)"]
    time_machine.move_to(datetime(2027, 1, 3, 9, tzinfo=VIETNAM), tick=False)
    assert close() == [
        "H22 2026-11: đã công bố (lần 1)",
        "H22 2026: đã công bố (lần 1)",
        "H22 2026-12: đã công bố (lần 1)",
        "H23 2026: đã công bố (lần 1)",
        "H23 2026-12: đã công bố (lần 1)",
    ]
    assert close() == ["Không có kỳ nào chưa chốt."]


def test_a_dry_run_tells_what_would_be_published_and_publishes_nothing() -> None:
    assert close("2026-10", "--agency", "H22", "--dry-run") == [
        "H22 2026-10: sẽ công bố (lần 1): tồn kỳ trước 0, nhận trong kỳ 1, giải quyết đúng hạn 0, "
        "giải quyết trễ hạn 0, đang giải quyết, chưa đến hạn 0, đang giải quyết, quá hạn 1"
    ]
    assert not Publication.objects.exists()


def test_a_revision_is_told_with_what_changed_and_why() -> None:
    close("2026-10", "--agency", "H22")
    dossier = Dossier.objects.get(agency=people.ward())
    lifecycle.approve(dossier, None, at=datetime(2026, 10, 2, 8, tzinfo=VIETNAM))
    told = [
        "  giải quyết đúng hạn 0 → 1",
        "  đang giải quyết, quá hạn 1 → 0",
    ]
    assert close("2026-10", "--agency", "H22", "--dry-run")[1:] == told
    why = f"  {dossier.code} duyệt kết quả 02/10/2026 08:00"
    assert close("2026-10", "--agency", "H22") == ["H22 2026-10: đã công bố (lần 2)", *told, why]


def test_a_quarter_is_refused() -> None:
    assert refused("2026-Q3") == "Chỉ chốt tháng (2026-10) hoặc năm (2026); “2026-Q3” là một quý."
