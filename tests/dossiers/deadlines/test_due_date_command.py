"""`due_date`: what an operator is told about a limit, and about a slip of the pen."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from onestop.catalog.models import WorkingHours
from tests import people

pytestmark = pytest.mark.django_db

USUAL = {"accepted": "2026-02-12T16:30", "limit": "6.25", "unit": "working_days"}


def due_date(*flags: str, **changes: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    arguments = [f"--{name}={value}" for name, value in (USUAL | changes).items()]
    call_command("due_date", *arguments, *flags, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def calendar() -> None:
    call_command("load_calendar", verbosity=0)


@pytest.mark.usefixtures("calendar")
def test_the_due_instant_is_printed_with_its_offset_and_nothing_else() -> None:
    assert due_date() == ("2026-03-02T09:00:00+07:00\n", "")


@pytest.mark.usefixtures("calendar")
@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-03-02T08:00", "2026-03-02T10:00:00+07:00"),
        ("2026-03-02T01:00Z", "2026-03-02T10:00:00+07:00"),
        ("2026-03-02T10:00+09:00", "2026-03-02T10:00:00+07:00"),
        ("2026-03-02", "2026-03-02T09:30:00+07:00"),
    ],
)
def test_a_time_without_offset_is_vietnams_and_any_other_is_the_same_instant(accepted: str, due: str) -> None:
    assert due_date(accepted=accepted, limit="2", unit="hours")[0] == f"{due}\n"


@pytest.mark.usefixtures("calendar")
def test_each_day_is_explained_in_plain_words() -> None:
    lines = due_date("--explain")[0].splitlines()
    assert lines[0] == "2026-03-02T09:00:00+07:00"
    assert lines[1:3] == [
        "thứ năm 12/02/2026: ngày làm việc; tính 30 phút, cộng dồn 30 phút",
        "thứ sáu 13/02/2026: ngày làm việc; tính 8 giờ, cộng dồn 8 giờ 30 phút",
    ]
    assert lines[3] == "thứ bảy 14/02/2026: nghỉ hằng tuần; không tính"
    assert lines[6] == "thứ ba 17/02/2026: nghỉ lễ (Tết Nguyên Đán); không tính"
    last = "ngày làm việc; tính 1 giờ 30 phút, cộng dồn 50 giờ; hết hạn lúc 09:00:00"
    assert lines[-1] == f"thứ hai 02/03/2026: {last}"


@pytest.mark.usefixtures("calendar")
def test_calendar_days_are_explained_in_days() -> None:
    lines = due_date("--explain", accepted="2026-01-08T09:00", limit="2", unit="days")[0].splitlines()
    assert lines[1:] == [
        "thứ năm 08/01/2026: chưa bắt đầu tính; không tính",
        "thứ sáu 09/01/2026: ngày làm việc; tính 1 ngày, cộng dồn 1 ngày",
        "thứ bảy 10/01/2026: làm bù (Làm bù cho ngày 02/01/2026); tính 1 ngày, cộng dồn 2 ngày; hết hạn lúc 17:00:00",
    ]


@pytest.mark.usefixtures("calendar")
def test_an_agency_has_its_own_hours_and_without_one_those_for_all_hold() -> None:
    WorkingHours.objects.create(agency=None, weekday=0, opens=time(8), closes=time(12))
    WorkingHours.objects.create(agency=people.ward(), weekday=0, opens=time(9), closes=time(12))
    monday = {"accepted": "2026-03-02T06:00", "limit": "1", "unit": "hours"}
    assert due_date(**monday)[0] == "2026-03-02T09:00:00+07:00\n"
    assert due_date(**monday, agency=people.ward().code)[0] == "2026-03-02T10:00:00+07:00\n"


def test_years_without_holidays_are_named_and_the_date_is_computed_without_them() -> None:
    _out, err = due_date(accepted="2100-06-01T08:00", limit="400")
    assert "Chưa có lịch nghỉ lễ của năm 2101:" in err


def test_the_holidays_hold_and_are_named_in_a_database_where_nobody_loaded_them() -> None:
    out, err = due_date("--explain")
    assert (out.splitlines()[0], err) == ("2026-03-02T09:00:00+07:00", "")
    assert "thứ ba 17/02/2026: nghỉ lễ (Tết Nguyên Đán); không tính" in out


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"accepted": "hôm nay"}, "--accepted: “hôm nay” không phải là thời điểm"),
        ({"accepted": "2026-02-30T08:00"}, "--accepted: “2026-02-30T08:00” không phải"),
        ({"accepted": ""}, "--accepted: “” không phải"),
        ({"accepted": "1999-12-31T08:00"}, "--accepted: năm phải từ 2000 đến 2100"),
        ({"accepted": "0001-01-01T00:00+14:00"}, "--accepted: năm phải từ 2000 đến 2100"),
        ({"accepted": "9999-12-31T23:59-12:00"}, "--accepted: năm phải từ 2000 đến 2100"),
        ({"limit": "NaN"}, "--limit: “NaN” không phải là số"),
        ({"limit": "inf"}, "--limit: “inf”"),
        ({"limit": "-1"}, "--limit: “-1”"),
        ({"limit": "1e9"}, "--limit: “1e9”"),
        ({"limit": "100000"}, "--limit: “100000”"),
        ({"limit": "1.234"}, "--limit: “1.234”"),
        ({"limit": "6,25"}, "--limit: “6,25”"),
        ({"limit": ""}, "--limit: “”"),
        ({"unit": "weeks"}, "--unit: “weeks” không phải là một trong working_days, days, hours"),
        ({"agency": "H99"}, "--agency: không có cơ quan nào mang mã “H99”"),
    ],
)
def test_a_slip_is_named_with_its_option(changes: dict[str, str], fault: str) -> None:
    with pytest.raises(CommandError) as refused:
        due_date(**changes)
    assert str(refused.value).startswith(fault)


@pytest.mark.long
def test_a_due_date_beyond_all_years_is_refused() -> None:
    """One half hour a week is 30,000 years for a limit of 100,000 days; the count to the year 9999 takes a while."""
    WorkingHours.objects.create(agency=None, weekday=0, opens=time(8), closes=time(8, 30))
    with pytest.raises(CommandError, match="--limit: hạn rơi vào năm quá xa"):
        due_date(limit="99999.99")


def test_a_slip_ends_the_process_with_an_error_and_no_traceback(tmp_path: Path) -> None:
    """Nor does a database in which nothing has been made yet."""
    for limit, fault in (("NaN", "--limit: “NaN”"), ("5", "Không đọc được lịch làm việc")):
        ended = subprocess.run(  # noqa: S603 our own command, with arguments of this test
            [
                sys.executable,
                "manage.py",
                "due_date",
                "--accepted=2026-02-12T16:30",
                f"--limit={limit}",
                "--unit=days",
            ],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert ended.returncode == 1
        assert fault in ended.stderr
        assert "Traceback" not in ended.stderr
