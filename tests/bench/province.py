"""An empty database gets one province whose dossiers partners read: the same office at any size, row for row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from onestop.catalog.models import Agency
from onestop.dossiers.models import Attachment, Dossier, Fee, Paper, Transition
from onestop.staff.models import Role, User

from .histories import indexed_afterwards, make_procedures

DAYS = 730
DEPARTMENTS, WARDS = 20, 126
# One ward with its desk, one department with its units: what those see who see but a part.
WARD, DEPARTMENT = 101, 1
SHARES = {WARD: 0.003, DEPARTMENT: 0.05}
OTHER_DEPARTMENTS = 0.015
PROCEDURES = 400

# The usual ones first. Many a word is as short as “Lê”.
FAMILIES = (
    "Nguyễn Trần Lê Phạm Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Vàng Giàng Sùng Lù Đinh Mai Trịnh Cao Tạ Khổng"
)
MIDDLES = "Văn Thị Hữu Ngọc Thanh Minh Đức Thu Quốc Kim Xuân Bảo Gia Hồng Công Thế"
GIVENS = (
    "Anh Hoa Hùng Lan Nam Hương Dũng Linh Tuấn Thảo Sơn Hà Bình Trang Long Mai Phúc Yến Đạt Ngân Khánh Vy Quân Oanh "
    "An Chi Tú Giang Thủy Uyên Khoa Diệp Ân Ý Vinh Trâm Thoa Khuê Ước Bách"
)
MATTERS = [
    "Đăng ký khai sinh cho",
    "Chứng thực chữ ký của",
    "Cấp giấy chứng nhận quyền sử dụng đất cho",
    "Đăng ký kết hôn của",
    "Trợ cấp xã hội hằng tháng cho",
    "Cấp phép xây dựng nhà ở riêng lẻ của",
    "Đăng ký hộ kinh doanh của",
    "Xác nhận tình trạng hôn nhân của",
    "Đăng ký khai tử cho",
    "Cấp Phiếu lý lịch tư pháp cho",
]


OFFICERS = 3


def make_province(
    dossiers: int, now: datetime, seed: int, say: Callable[[str], object], province: str = "H22"
) -> None:
    """Without statistics for the planner, as a database that nobody has looked after yet."""
    shares = dict(make_agencies(province))
    make_officers(shares)
    make_procedures(fields=30, procedures=PROCEDURES)
    values: dict[str, Any] = {
        "dossiers": dossiers,
        "days": DAYS,
        "seed": seed,
        "now": now,
        "agencies": list(shares),
        "bounds": list(accumulate(shares.values()))[:-1],
        "families": FAMILIES.split(),
        "middles": MIDDLES.split(),
        "givens": GIVENS.split(),
        "matters": MATTERS,
    }
    run_script("province.sql", values, say, (Dossier, Transition, Paper, Fee, Attachment))


def run_script(
    name: str, values: dict[str, Any], say: Callable[[str], object], filled: tuple[type[Model], ...]
) -> None:
    """Part by part, in one transaction; the tables of `filled` are indexed when all is in them."""
    parts = Path(__file__).with_name(name).read_text(encoding="utf-8").split("\n\n")[1:]
    tables = tuple(model._meta.db_table for model in filled)
    with transaction.atomic(), connection.cursor() as cursor, indexed_afterwards(cursor, say, tables):
        for part in parts:
            say(part.partition("\n")[0].removeprefix("-- "))
            cursor.execute(part, values)


def make_agencies(province: str) -> Iterator[tuple[int, float]]:
    """Three hundred of one province. Yields each that receives, by key, with its share of all dossiers.

    What the catalogue has already stays as it is called there.
    """
    levels = Agency.Level
    top = _agency(province, f"UBND tỉnh {province}", None, levels.PROVINCE)
    others = (1 - sum(SHARES.values()) - (DEPARTMENTS - 1) * OTHER_DEPARTMENTS) / (WARDS - 1)
    for number in range(1, DEPARTMENTS + 1):
        department = _agency(f"{province}.{number:03}", f"Sở {number}", top, levels.PROVINCE)
        units = 10 if number == DEPARTMENT else number % 2
        yield from _with_units(department, units, SHARES.get(number, OTHER_DEPARTMENTS))
    for number in range(101, 101 + WARDS):
        ward = _agency(f"{province}.{number}", f"Phường {number}", top, levels.COMMUNE)
        yield from _with_units(ward, 1, SHARES.get(number, others))


def _with_units(agency: Agency, units: int, share: float) -> Iterator[tuple[int, float]]:
    yield agency.pk, share / (units + 1)
    for number in range(1, units + 1):
        unit = _agency(f"{agency.code}.{number:02}", f"Bộ phận {number}", agency, agency.level)
        yield unit.pk, share / (units + 1)


def _agency(code: str, name: str, parent: Agency | None, level: str) -> Agency:
    defaults = {"name": name, "parent": parent, "level": level}
    return Agency.objects.get_or_create(code=code, defaults=defaults)[0]


def make_officers(agencies: Iterable[int]) -> None:
    """Nobody signs in as one of these: their password is none."""
    User.objects.bulk_create(
        User(
            username=f"cb{agency}-{number}", full_name=f"Cán bộ {agency}-{number}", role=Role.OFFICER, agency_id=agency
        )
        for agency in agencies
        for number in range(OFFICERS)
    )
