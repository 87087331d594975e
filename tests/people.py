"""People and things by name, for every test: the same call twice gives the same person.

The province of Hà Giang (H22) with its Department of Justice and one ward with a desk of its own. Lan receives at
the ward, Minh works at the department, Hà leads the ward.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from oauth2_provider.models import AccessToken

from onestop.catalog.models import (
    Agency,
    CalendarDay,
    Commune,
    Field,
    FormerCommune,
    Phase,
    Procedure,
    Province,
    SubmissionChannel,
)
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Fee, Paper, State
from onestop.partners.credentials import issue
from onestop.partners.models import Partner, PartnerActor
from onestop.partners.scopes import ApiScope
from onestop.staff.models import Role, User
from onestop.statistics.periods import Period

PASSWORD = "một mật khẩu dài"
PDF = b"%PDF-1.7 noi dung"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR..."


# ---- offices


# Where somebody or something belongs; a function is called where it is to be made, and else nothing is asked.
Above = Agency | Callable[[], Agency] | None


def _made(above: Above) -> Agency | None:
    return above() if callable(above) else above


def an_agency(code: str, name: str, parent: Above, level: Agency.Level) -> Agency:
    agency = Agency.objects.filter(code=code).first()
    return agency or Agency.objects.create(code=code, name=name, parent=_made(parent), level=level)


def province() -> Agency:
    return an_agency("H22", "UBND tỉnh Hà Giang", None, Agency.Level.PROVINCE)


def department() -> Agency:
    return an_agency("H22.001", "Sở Tư pháp", province, Agency.Level.PROVINCE)


def ward() -> Agency:
    return an_agency("H22.101", "UBND phường Trần Phú", province, Agency.Level.COMMUNE)


def ward_desk() -> Agency:
    return an_agency("H22.101.01", "Tổ Tư pháp – Hộ tịch phường Trần Phú", ward, Agency.Level.COMMUNE)


def another_province() -> Agency:
    return an_agency("H23", "UBND tỉnh Cà Mau", None, Agency.Level.PROVINCE)


# ---- people


def a_person(username: str, role: Role, agency: Above, **more: Any) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        person = User(username=username, role=role, agency=_made(agency), **{"full_name": username.title(), **more})
        person.set_password(PASSWORD)
        person.save()
    return person


def lan() -> User:
    """Receives at the ward, which has units below it."""
    return a_person("lan", Role.RECEPTION, ward, full_name="Nguyễn Thị Lan", position="Công chức một cửa")


def minh() -> User:
    """Works at the department: sees nothing of the ward until it is handed over."""
    return a_person("minh", Role.OFFICER, department, full_name="Trần Minh", position="Chuyên viên")


def binh() -> User:
    """Works at the ward."""
    return a_person("binh", Role.OFFICER, ward, full_name="Lê Bình", position="Công chức tư pháp")


def ha() -> User:
    """Leads the ward."""
    return a_person("ha", Role.MANAGER, ward, full_name="Phạm Hà", position="Chủ tịch")


def tu() -> User:
    """Operates the synchronisation of the whole province."""
    return a_person("tu", Role.OPERATOR, province, full_name="Đỗ Tú")


def thanh() -> User:
    """Audits the whole province."""
    return a_person("thanh", Role.AUDITOR, province, full_name="Vũ Thanh")


def nga() -> User:
    """Administers the ward."""
    return a_person("nga", Role.ADMINISTRATOR, ward, full_name="Hồ Thị Nga", position="Văn phòng – Thống kê")


def phuc() -> User:
    """Administers the whole province."""
    return a_person("phuc", Role.ADMINISTRATOR, province, full_name="Ngô Phúc")


def root() -> User:
    return a_person("root", Role.MANAGER, None, full_name="Quản trị", is_superuser=True, is_staff=True)


# ---- partners


def a_partner(*scopes: ApiScope, name: str = "LGSP Hà Giang", agencies: Iterable[Agency] = ()) -> Partner:
    """Works for the ward unless told otherwise. Without `scopes` it has all of them. Same name, same partner."""
    partner = Partner.objects.filter(name=name).first()
    if partner is None:
        partner = Partner.objects.create(name=name, scopes=[*(scopes or ApiScope)])
        partner.agencies.set([*agencies] or [ward()])
    return partner


def a_colleague(*scopes: ApiScope, full_name: str = "Hoàng Yến", **partner: Any) -> PartnerActor:
    """Yến, who works with the system of a partner, with `scopes` alone."""
    return PartnerActor(a_partner(**partner), scopes or ApiScope, full_name, "Chuyên viên")


def a_token(partner: Partner, *scopes: ApiScope) -> str:
    """For the `Authorization` header: a token of an hour, with all that the partner may do unless told otherwise."""
    token = token_urlsafe(30)
    credential = partner.credentials.first() or issue(partner).credential
    AccessToken.objects.create(
        application=credential.application,
        token_checksum=sha256(token.encode()).hexdigest(),
        scope=" ".join(scopes or partner.scopes),
        expires=timezone.now() + timedelta(hours=1),
    )
    return f"Bearer {token}"


# ---- things


def a_field(code: str = "hotich", name: str = "Hộ tịch") -> Field:
    field, _made = Field.objects.get_or_create(code=code, defaults={"name": name})
    return field


def a_procedure(**traits: Any) -> Procedure:
    """Birth registration: two working days, in person, online or by post. Same code, same procedure."""
    code = traits.pop("code", "1.001193")
    usual = {
        "name": "Thủ tục đăng ký khai sinh",
        "level": Agency.Level.COMMUNE,
        "limit": Decimal(2),
        "limit_unit": Procedure.Unit.WORKING_DAYS,
        "limit_text": "2 ngày làm việc",
        "online": True,
        "postal": True,
    }
    found = Procedure.objects.filter(code=code).first()
    if found and not traits:
        return found
    procedure, _made = Procedure.objects.update_or_create(
        code=code, defaults={**usual, **traits}, create_defaults={"field": a_field(), **usual, **traits}
    )
    return procedure


def a_procedure_with_papers_and_fees() -> Procedure:
    procedure = a_procedure(code="2.000488", name="Cấp Phiếu lý lịch tư pháp")
    if not procedure.papers.exists():
        procedure.papers.create(ordinal=1, name="Tờ khai theo mẫu", originals=1)
        procedure.papers.create(ordinal=2, name="Bản sao giấy tờ tùy thân", copies=2, group="Người ủy quyền")
        procedure.fees.create(ordinal=1, name="Phí cấp phiếu", amount=200_000)
        procedure.fees.create(ordinal=2, name="Phí trực tuyến", amount=100_000, direct=False, postal=False)
        procedure.fees.create(ordinal=3, name="Cước bưu chính", text="theo bảng giá", phase=Phase.RETURN)
    return procedure


def a_commune(code: str, name: str, province: str, *former: str) -> Commune:
    """`province`: its code and name. `former`: each a code and a full name of before."""
    above, _is_new = Province.objects.get_or_create(code=province[:2], defaults={"name": province[3:]})
    commune, _is_new = Commune.objects.get_or_create(code=code, defaults={"name": name, "province": above})
    for earlier in former:
        FormerCommune.objects.create(code=earlier[:5], name=earlier[6:], commune=commune)
    return commune


def two_wards_and_a_commune() -> None:
    """Đa Kao became part of two wards; Trần Phú of Quy Nhơn, which lies in the province of Gia Lai."""
    city, country = "79 Thành phố Hồ Chí Minh", "52 Tỉnh Gia Lai"
    da_kao = "26734 Phường Đa Kao, Quận 1, Thành phố Hồ Chí Minh"
    a_commune("26740", "Phường Sài Gòn", city, da_kao, "26740 Phường Bến Nghé, Quận 1, Thành phố Hồ Chí Minh")
    a_commune("26737", "Phường Tân Định", city, da_kao, "26738 Phường Tân Định, Quận 1, Thành phố Hồ Chí Minh")
    quy_nhon = "Thành phố Quy Nhơn, Tỉnh Bình Định"
    a_commune("21583", "Phường Quy Nhơn", country, f"21568 Phường Trần Phú, {quy_nhon}")


def a_file(name: str = "đơn.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def base64_of(content: bytes) -> str:
    return b64encode(content).decode()


def sha256_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def a_new_dossier(**traits: Any) -> Dossier:
    """As typed, not saved and not received."""
    agency = traits.pop("agency", None) or ward()
    usual = {
        "procedure": traits.pop("procedure", None) or a_procedure(),
        "agency": agency,
        "unit": agency,
        "channel": SubmissionChannel.DIRECT,
        "applicant_name": "Đặng Văn Ước",
    }
    return Dossier(**{**usual, **traits})


def a_dossier(
    *,
    by: User | None = None,
    papers: Iterable[Paper] = (),
    fees: Iterable[Fee] = (),
    files: Iterable[SimpleUploadedFile] = (),
    **traits: Any,
) -> Dossier:
    """Received at the counter, by Lan unless told otherwise."""
    dossier = a_new_dossier(**traits)
    lifecycle.receive(dossier, by or lan(), papers=papers, fees=fees, files=list(files))
    return dossier


def a_dossier_from_before(period: Period, *, files: Iterable[SimpleUploadedFile] = (), **traits: Any) -> Dossier:
    """Received the day before `period` began. An agency publishes figures from its first acceptance on."""
    dossier = a_new_dossier(**traits)
    lifecycle.receive(dossier, lan(), at=period.start - timedelta(hours=12), files=list(files))
    return dossier


def a_dossier_accepted(at: datetime, **traits: Any) -> Dossier:
    """Accepted at that moment of the past, by nobody known."""
    dossier = a_new_dossier(**traits)
    lifecycle.receive(dossier, None, at=at)
    return dossier


def on_a_day_off(dossier: Dossier) -> None:
    """Due yesterday at the end of the day, which turned out to be a day off."""
    due = timezone.localtime() - timedelta(days=1)
    Dossier.objects.filter(pk=dossier.pk).update(due_at=due)
    CalendarDay.objects.update_or_create(date=due.date(), defaults={"kind": "off", "name": "Nghỉ bão"})


def a_registered_dossier(**traits: Any) -> Dossier:
    """Come in, but not yet accepted."""
    dossier = a_new_dossier(**traits)
    lifecycle.register(dossier, lan())
    return dossier


def a_fee(amount: int = 8_000) -> Fee:
    return Fee(name="Lệ phí", amount=amount, demanded_at=timezone.now())


def a_dossier_in(state: State, **traits: Any) -> Dossier:
    """Brought into `state` by the shortest way of real moves."""
    if state in (State.REGISTERED, State.REFUSED):
        dossier = a_registered_dossier(**traits)
        if state == State.REFUSED:
            lifecycle.refuse(dossier, lan(), comment="Không thuộc thẩm quyền")
        return dossier
    dossier = a_dossier(**traits)
    match state:
        case State.IN_PROGRESS:
            lifecycle.start(dossier, binh())
        case State.AWAITING_SUPPLEMENT:
            lifecycle.ask_supplement(dossier, lan(), comment="Thiếu tờ khai")
        case State.AWAITING_PAYMENT:
            lifecycle.ask_payment(dossier, lan(), fees=[a_fee()])
        case State.WITHDRAWN:
            lifecycle.withdraw(dossier, lan(), comment="Công dân xin rút")
        case State.STOPPED:
            lifecycle.stop(dossier, ha(), comment="Người nộp đã mất")
        case State.COMPLETED | State.RETURNED:
            lifecycle.approve(dossier, ha(), comment="Đủ điều kiện")
    if state == State.RETURNED:
        lifecycle.return_result(dossier, lan())
    return dossier
