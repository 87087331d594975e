"""`dossiers`: hands in, lists, reads and amends. Names are returned; other personal data come in only."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import django_filters.rest_framework as filters
from django.db.models import Case, F, Value, When
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Agency, Procedure, SubmissionChannel
from onestop.dossiers import lifecycle
from onestop.dossiers.models import (
    WORKED_ON,
    Attachment,
    Dossier,
    DossierQuerySet,
    Fee,
    Move,
    Paper,
    State,
    SubmitterCapacity,
)
from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope
from onestop.rest.errors import Changed
from onestop.rest.fields import LinesInput
from onestop.rest.filters import InstantFilter
from onestop.rest.idempotency import once
from onestop.rest.rendering import encode
from onestop.rest.rows import columns, requested_fields, row, row_of
from onestop.rest.schema import FIELDS, IDEMPOTENCY_KEY, LOCATION
from onestop.rest.views import ApiView

from .commune_codes import CommuneCodes
from .intake import ApplicantInput, ByInput, DossierInput, actor_of, amendable, taken_in

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description=_("ETag của lần đọc trước; khác thì trả 412.")
)


class DossierRow(serializers.ModelSerializer[Dossier]):
    """Where a dossier stands."""

    external_id = serializers.CharField(source="own_number", help_text=_("Số của chính đối tác này, nếu có."))
    procedure = serializers.CharField(source="procedure.code")
    agency = serializers.CharField(source="agency.code", help_text=_("Cơ quan tiếp nhận."))
    unit = serializers.CharField(source="unit.code", help_text=_("Đơn vị đang xử lý."))
    code = serializers.CharField(allow_null=True)
    submitter_capacity = serializers.ChoiceField(
        choices=SubmitterCapacity.choices, allow_blank=True, help_text=_("Trống: chủ hồ sơ tự nộp.")
    )

    class Meta:
        model = Dossier
        fields = [
            "uuid",
            "external_id",
            "code",
            "procedure",
            "agency",
            "unit",
            "state",
            "channel",
            "from_portal",
            "is_test",
            "applicant_kind",
            "applicant_name",
            "submitter_name",
            "submitter_capacity",
            "summary",
            "return_method",
            "registered_at",
            "accepted_at",
            "due_at",
            "decided_at",
            "approved",
            "returned_at",
            "finished_at",
            "moved_at",
            "changed_at",
        ]
        read_only_fields = fields


class PaperRow(serializers.ModelSerializer[Paper]):
    form = serializers.ChoiceField(choices=Paper.Form.choices, allow_blank=True, help_text=_("Trống: không ghi."))

    class Meta:
        model = Paper
        fields = ["name", "quantity", "form", "phase", "received_at"]
        read_only_fields = fields


class FeeRow(serializers.ModelSerializer[Fee]):
    class Meta:
        model = Fee
        fields = ["name", "amount", "phase", "demanded_at", "paid_at", "waived_at", "is_mandatory"]
        read_only_fields = fields


class AttachmentRow(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ["ordinal", "name", "size", "sha256", "phase", "uploaded_at"]
        read_only_fields = fields


class DossierDetail(DossierRow):
    """A dossier with what lies in it, and what this token may do with it now."""

    papers = PaperRow(many=True)
    fees = FeeRow(many=True)
    attachments = AttachmentRow(many=True)
    moves = serializers.ListField(child=serializers.ChoiceField(choices=Move.choices))

    class Meta(DossierRow.Meta):
        fields = [*DossierRow.Meta.fields, "papers", "fees", "attachments", "moves"]
        read_only_fields = fields


COLUMNS = columns(DossierRow)
PARTS = {"papers": columns(PaperRow), "fees": columns(FeeRow), "attachments": columns(AttachmentRow)}


def for_partner(colleague: PartnerActor) -> DossierQuerySet:
    """The dossiers that the partner sees, each with the partner's own number of it."""
    own = Case(When(partner=colleague.partner, then=F("external_id")), default=Value(""))
    return Dossier.objects.visible_to(colleague).annotate(own_number=own)  # scope: read dossiers


def detail(uuid: UUID, colleague: PartnerActor) -> dict[str, object]:
    """All fields of a dossier for the partner. Raises Http404 for a dossier that it does not see."""
    seen = for_partner(colleague).select_related("procedure", "agency", "unit").prefetch_related(*PARTS)
    dossier = seen.filter(uuid=uuid).first()
    if dossier is None:
        raise Http404
    parts = {name: [row_of(part, fields) for part in getattr(dossier, name).all()] for name, fields in PARTS.items()}
    return row_of(dossier, COLUMNS) | parts | {"moves": lifecycle.possible_moves(dossier, colleague)}


def etag(data: dict[str, object]) -> str:
    return f'"{sha256(encode(data)).hexdigest()[:32]}"'


def for_change(request: Request, uuid: UUID, colleague: PartnerActor) -> Dossier:
    """The dossier, locked. Raises Http404 if the partner does not see it, Changed if `If-Match` is out of date."""
    locked = Dossier.objects.select_for_update(no_key=True).visible_to(colleague)  # scope: change a dossier
    dossier = locked.filter(uuid=uuid).first()
    if dossier is None:
        raise Http404
    expected = request.headers.get("If-Match")
    if expected is not None and expected.strip() != "*":
        known = {tag.strip() for tag in expected.split(",")}
        if etag(detail(uuid, colleague)) not in known:
            raise Changed
    return dossier


def answer(uuid: UUID, colleague: PartnerActor, code: int = status.HTTP_200_OK, **headers: str) -> Response:
    data = detail(uuid, colleague)
    return Response(data, status=code, headers={"ETag": etag(data), **headers})


# The columns by which a list is sorted, by the value of `sort`. A page begins after the last row of the page before,
# so the last column is unique, and all go in one direction.
ORDERINGS: Final[dict[str, tuple[str, ...]]] = {
    "changed_at": ("changed_at", "pk"),
    "-changed_at": ("-changed_at", "-pk"),
    "due_at": ("due_at", "pk"),
}
NEWEST: Final = ("-pk",)


class PartnerDossierFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    code = filters.CharFilter(max_length=60)
    external_id = filters.CharFilter(method="with_own_number", max_length=100)
    # Without `distinct`, which would make the database sort all rows: no dossier has two states.
    state = filters.MultipleChoiceFilter(choices=State.choices, distinct=False)
    procedure = filters.CharFilter(method="of_procedure", max_length=50)
    agency = filters.CharFilter(
        method="received_within",
        max_length=35,
        help_text=_("Mã định danh của cơ quan tiếp nhận; gồm cả các đơn vị trực thuộc."),
    )
    accepted_from = InstantFilter(
        field_name="accepted_at", lookup_expr="gte", help_text=_("Tiếp nhận từ thời điểm này.")
    )
    accepted_before = InstantFilter(
        field_name="accepted_at", lookup_expr="lt", help_text=_("Tiếp nhận trước thời điểm này.")
    )
    updated_since = InstantFilter(
        field_name="changed_at",
        lookup_expr="gte",
        help_text=_(
            "Thay đổi từ thời điểm này, xếp theo thứ tự thay đổi. Hỏi lại thì lùi vài phút so với lần hỏi trước."
        ),
    )

    due_from = InstantFilter(field_name="due_at", lookup_expr="gte", help_text=_("Hẹn trả từ thời điểm này."))
    due_before = InstantFilter(field_name="due_at", lookup_expr="lt", help_text=_("Hẹn trả trước thời điểm này."))
    unit = filters.CharFilter(
        method="worked_on_within",
        max_length=35,
        help_text=_("Mã định danh của đơn vị đang xử lý; gồm cả các đơn vị trực thuộc."),
    )
    channel = filters.MultipleChoiceFilter(
        choices=SubmissionChannel.choices, distinct=False, help_text=_("Hình thức nộp; có thể nhiều lần.")
    )
    q = filters.CharFilter(
        method="matching",
        max_length=200,
        help_text=_("Các từ trong mã, tên chủ hồ sơ, người nộp và trích yếu, không kể dấu và chữ hoa."),
    )
    sort = filters.ChoiceFilter(
        method="sorted_by",
        choices=[(name, name) for name in ORDERINGS],
        help_text=_(
            "Thứ tự: changed_at theo lúc thay đổi, -changed_at thay đổi mới nhất trước; due_at hạn gần nhất trước, "
            "chỉ gồm hồ sơ đang giải quyết có ngày hẹn trả. Không có: hồ sơ mới trước."
        ),
    )

    class Meta:
        model = Dossier
        fields = ["code"]

    def matching(self, queryset: DossierQuerySet, _name: str, text: str) -> DossierQuerySet:
        return queryset.matching(text)

    def worked_on_within(self, queryset: DossierQuerySet, _name: str, code: str) -> DossierQuerySet:
        return queryset.filter(unit__in=Agency.objects.within_code(code).values("pk"))

    def sorted_by(self, queryset: DossierQuerySet, _name: str, column: str) -> DossierQuerySet:
        # Only these have an index by their due date, and only these are to be finished by then.
        return queryset.filter(state__in=WORKED_ON, due_at__isnull=False) if column == "due_at" else queryset

    def with_own_number(self, queryset: DossierQuerySet, _name: str, number: str) -> DossierQuerySet:
        return queryset.filter(partner=self.request.user.partner, external_id=number)

    def of_procedure(self, queryset: DossierQuerySet, _name: str, code: str) -> DossierQuerySet:
        # The key is read first: the planner has statistics on how common it is, and chooses its plan by them.
        return queryset.filter(procedure__in=list(Procedure.objects.filter(code=code).values_list("pk", flat=True)))

    def received_within(self, queryset: DossierQuerySet, _name: str, code: str) -> DossierQuerySet:
        return queryset.filter(agency__in=Agency.objects.within_code(code).values("pk"))


EXAMPLE = {
    "external_id": "LGSP-2026-000123",
    "procedure": "1.001193",
    "agency": "H22.101",
    "channel": "online",
    "applicant_name": "Đặng Văn Ước",
    "birth_date": "1950",
    "phone": "0912000111",
    "address": "Tổ 5, 12 Lê Lợi",
    "commune_code": "21583",
    "submitter_name": "Đặng Thị Con",
    "submitter_capacity": "relative",
    "submitter_phone": "0912000333",
    "summary": "Đăng ký khai sinh cho con",
    "papers": [{"name": "Tờ khai đăng ký khai sinh", "quantity": 1, "form": "electronic"}],
    "by": {"name": "Nguyễn Thị Lan", "position": "Công chức một cửa"},
}


class DossiersView(ApiView):
    """All dossiers that the partner sees."""

    scopes = {"get": ApiScope.DOSSIERS_READ, "post": ApiScope.DOSSIERS_CREATE}
    parameters = {"get": frozenset({"fields"})}
    queryset = Dossier.objects.none()
    serializer_class = DossierRow
    filterset_class = PartnerDossierFilter

    @property
    def ordering(self) -> tuple[str, ...]:  # type: ignore[override] # here it depends on the query
        """Newest first; with `updated_since` in the order of the changes; with `sort` as it says."""
        usual = "changed_at" if "updated_since" in self.request.query_params else ""
        return ORDERINGS.get(self.request.query_params.get("sort", usual), NEWEST)

    def first(self, queryset: Any, number: int) -> Any:  # Any: the stubs lose the class of `DossierQuerySet.values()`
        if self.ordering != NEWEST:
            return super().first(queryset, number)
        code = self.request.query_params.get("agency")
        # These agencies only direct the search. `for_partner` has limited the rows to what the partner may see.
        among = Agency.objects.within_code(code) if code else self.colleague.agencies  # scope: none
        return queryset.newest(number, among)

    @extend_schema(
        summary=_("Danh sách hồ sơ trong phạm vi được xem"),
        description=_(
            "Hồ sơ mới đứng trước; có `updated_since` thì xếp theo thứ tự thay đổi. "
            "Các điều kiện lọc áp dụng đồng thời; `next` là địa chỉ của trang tiếp theo."
        ),
        parameters=[FIELDS],
    )
    def get(self, request: Request) -> Response:
        fields = {name: COLUMNS[name] for name in requested_fields(request, COLUMNS)}
        queryset = self.filter_queryset(for_partner(self.colleague))
        page = self.paginate_queryset(queryset.values("pk", "changed_at", "due_at", *fields.values()))
        return self.get_paginated_response([row(values, fields) for values in page or ()])

    @extend_schema(
        summary=_("Nộp một hồ sơ; nộp lại cùng số thì được trả lời bằng hồ sơ đã có"),
        description=_(
            "`external_id` là số của hồ sơ ở hệ thống đối tác. Hồ sơ mới được trả lời 201; hồ sơ đã nộp với cùng nội "
            "dung được trả lời 200. Cùng số với nội dung khác thì bị từ chối với mã `taken`."
        ),
        request=DossierInput,
        responses={201: DossierDetail, 200: DossierDetail},
        parameters=[IDEMPOTENCY_KEY, LOCATION],
        examples=[OpenApiExample("Khai sinh", EXAMPLE, request_only=True)],
    )
    @once
    def post(self, request: Request) -> Response:
        data = self.validated_body(DossierInput)
        dossier, is_new = taken_in(data, self.colleague)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return answer(dossier.uuid, self.colleague, code, Location=f"/api/v1/dossiers/{dossier.uuid}")


class AmendInput(ApplicantInput):
    """Only what is to change."""

    comment = LinesInput(max_length=4000, required=False, allow_blank=True)
    by = ByInput(required=False)


class DossierView(ApiView):
    """One dossier."""

    scopes = {"get": ApiScope.DOSSIERS_READ, "patch": ApiScope.DOSSIERS_CREATE}
    parameters = {"get": frozenset({"fields"})}
    serializer_class = DossierDetail

    @extend_schema(
        summary=_("Một hồ sơ trong phạm vi được xem"),
        description=_(
            "Kèm thành phần hồ sơ, khoản thu, tệp đính kèm, và `moves`: các bước token này được thực hiện lúc này."
        ),
        parameters=[FIELDS],
    )
    def get(self, request: Request, uuid: UUID) -> Response:
        data = detail(uuid, self.colleague)
        fields = requested_fields(request, data)
        return Response({name: data[name] for name in fields}, headers={"ETag": etag(data)})

    @extend_schema(
        summary=_("Sửa thông tin của chủ hồ sơ, người nộp; hồ sơ được báo lại lên Cổng"),
        description=_("Chỉ gửi những trường cần sửa. Giá trị trùng với giá trị đang lưu thì không ghi gì."),
        request=AmendInput(partial=True),
        responses=DossierDetail,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        examples=[
            OpenApiExample("Đổi số điện thoại", {"phone": "0912000222"}, request_only=True),
            OpenApiExample("Đổi xã, phường", {"commune_code": "21583"}, request_only=True),
        ],
    )
    @once
    def patch(self, request: Request, uuid: UUID) -> Response:
        dossier = for_change(request, uuid, self.colleague)
        data = self.validated_body(AmendInput, partial=True)
        changes = amendable(data, CommuneCodes())
        actor = actor_of(data, self.colleague)
        if any(getattr(dossier, name) != value for name, value in changes.items()):
            lifecycle.amend(dossier, actor, changes=changes, comment=data.get("comment", ""))
        return answer(uuid, self.colleague)
