"""The demo office's staff, and its invented citizens."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from django.contrib.auth.hashers import make_password

from onestop.catalog.models import Agency, Commune
from onestop.catalog.places.finding import province_of
from onestop.dossiers.models import ApplicantKind, Dossier, SubmitterCapacity
from onestop.staff.models import Role, User

# The password of all users: a demo has no real data.
PASSWORD = "motcua-2026"  # noqa: S105 it is printed on the first page of the README

DESK = "H21.101"  # the ward whose people the README introduces
PROVINCE = "H21"

# username, full name, position, role, agency
INTRODUCED = (
    ("lan", "Nguyễn Thị Lan", "Công chức một cửa", Role.RECEPTION, DESK),
    ("minh", "Trần Quang Minh", "Công chức tư pháp - hộ tịch", Role.OFFICER, DESK),
    ("ha", "Lê Thu Hà", "Phó Chủ tịch UBND phường", Role.MANAGER, DESK),
    ("tuan", "Phạm Anh Tuấn", "Quản trị hệ thống", Role.OPERATOR, PROVINCE),
    ("vy", "Đỗ Tường Vy", "Thanh tra viên", Role.AUDITOR, PROVINCE),
    ("hoa", "Trương Thị Hòa", "Chuyên viên Văn phòng UBND tỉnh", Role.ADMINISTRATOR, PROVINCE),
)

# Every other desk has three users: tn (reception), tl (officer), ld (manager), each with the agency's code.
OTHER_DESKS = ("H21.102", "H21.103", "H21.104", "H21.16", "H21.18", "H21.24.01", "H21.02")
TRIO = (
    ("tn", "Công chức một cửa", Role.RECEPTION),
    ("tl", "Chuyên viên", Role.OFFICER),
    ("ld", "Lãnh đạo", Role.MANAGER),
)

FAMILY = [
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Siu",
    "Ksor",
]
MIDDLE = (
    "Văn",
    "Thị",
    "Hữu",
    "Ngọc",
    "Thanh",
    "Minh",
    "Đức",
    "Thu",
    "Quốc",
    "Kim",
)
PERSONAL = [
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hạnh",
    "Khánh",
    "Liên",
    "Nam",
    "Oanh",
    "Phúc",
    "Quỳnh",
    "Sơn",
    "Thảo",
    "Uyên",
    "Yến",
]
STREETS = ("Trần Hưng Đạo", "Lê Lợi", "Nguyễn Huệ", "Hùng Vương", "Phan Bội Châu", "Quang Trung", "Tăng Bạt Hổ")


def person(random: Random) -> str:
    return f"{random.choice(FAMILY)} {random.choice(MIDDLE)} {random.choice(PERSONAL)}"


def address(random: Random, agency: Agency) -> str:
    return f"{random.randint(1, 400)} {random.choice(STREETS)}, {agency.name.removeprefix('UBND ')}"


def hire(random: Random) -> dict[str, dict[Role, User]]:
    """Creates the staff of the demo office, by agency code and role; and the superuser `admin`."""
    password = make_password(PASSWORD)
    agencies = {agency.code: agency for agency in Agency.objects.filter(code__in=(DESK, PROVINCE, *OTHER_DESKS))}
    staff: dict[str, dict[Role, User]] = {code: {} for code in agencies}
    people = [*INTRODUCED] + [
        (f"{letters}.{code.lower()}", person(random), position, role, code)
        for code in OTHER_DESKS
        for letters, position, role in TRIO
    ]
    for username, full_name, position, role, code in people:
        staff[code][role] = User.objects.create(
            username=username,
            full_name=full_name,
            position=position,
            role=role,
            agency=agencies[code],
            password=password,
        )
    User.objects.create(
        username="admin", full_name="Quản trị viên", is_superuser=True, is_staff=True, password=password
    )
    return staff


def homes(agency: Agency) -> list[Commune]:
    """The communes whose people come to `agency`: the one that it is named after, else a few of its province."""
    communes = list(Commune.objects.filter(province=province_of(agency)).select_related("province"))
    name = agency.name.casefold()
    return [commune for commune in communes if f"{commune.name.casefold()} " in name] or communes[
        :: len(communes) // 5 or 1
    ]


def add_persons(dossier: Dossier, communes: Sequence[Commune]) -> None:
    """Gives a dossier's applicant a birth date and a commune, and some applicants a person who hands in for them.

    Drawn by the dossier's own identifier, so that the other draws of an office do not depend on them.
    """
    random = Random(dossier.uuid.int)  # noqa: S311 invents a demo, keeps no secret
    if dossier.applicant_kind == ApplicantKind.CITIZEN:
        year = random.randint(1938, 2005)
        # Of the old often only the year is on record.
        only_year = year < 1955 and random.random() < 0.6
        dossier.birth_date = (
            str(year) if only_year else f"{year}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        )
    if communes and random.random() < 0.7:
        dossier.commune = random.choice(communes)
        dossier.address = dossier.address.partition(",")[0]
    if dossier.applicant_kind != ApplicantKind.CITIZEN or random.random() < 0.15:
        is_person = dossier.applicant_kind == ApplicantKind.CITIZEN
        capacity = random.choice((SubmitterCapacity.RELATIVE, SubmitterCapacity.AUTHORISED))
        dossier.submitter_capacity = capacity if is_person else SubmitterCapacity.REPRESENTATIVE
        dossier.submitter_name = person(random)
        dossier.submitter_identity_no = f"052{random.randrange(10**9):09}"
        dossier.submitter_phone = f"09{random.randrange(10**8):08}"
        if is_person:
            dossier.submitter_authorisation = f"Số {random.randint(1, 300)}, ngày {random.randint(1, 28):02}/01/2026"
