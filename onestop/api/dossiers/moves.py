"""`dossiers/{uuid}/{move}`: each move of the life cycle, under the name of its function."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.catalog.models import Agency, Phase
from onestop.common.errors import InputRefused, Refused
from onestop.dossiers import lifecycle
from onestop.dossiers.access import sees
from onestop.dossiers.fees import MOST_DONG
from onestop.dossiers.models import Dossier, Fee, Move, Paper, ReturnMethod
from onestop.partners.scopes import ApiScope
from onestop.rest.fields import (
    ChoiceInput,
    InstantInput,
    LineInput,
    LinesInput,
    ListInput,
    Strict,
    Validated,
    WholeInput,
)
from onestop.rest.idempotency import once
from onestop.rest.schema import IDEMPOTENCY_KEY
from onestop.rest.views import ApiView

from .dossiers import IF_MATCH, DossierDetail, answer, for_change
from .intake import ByInput, actor_of


class MoveInput(Strict):
    """What every move may be told."""

    comment = LinesInput(max_length=4000, required=False, allow_blank=True, help_text=_("Công khai cùng bước xử lý."))
    at = InstantInput(required=False, help_text=_("Lúc thực hiện; không có thì là bây giờ."))
    by = ByInput(required=False)


class ReasonInput(MoveInput):
    comment = LinesInput(max_length=4000, help_text=_("Lý do; công khai cùng bước xử lý."))


# The names of these two in the contract stay: partners' clients are generated from them.
@extend_schema_serializer(component_name="AskedPaperInput")
class RequestedPaperInput(Strict):
    name = LineInput(max_length=2000)
    quantity = WholeInput(min_value=1, max_value=999, required=False)


@extend_schema_serializer(component_name="AskedFeeInput")
class RequestedFeeInput(Strict):
    name = LineInput(max_length=500)
    amount = WholeInput(min_value=1, max_value=MOST_DONG, help_text=_("Đồng."))


class AskSupplementInput(ReasonInput):
    papers = ListInput(child=RequestedPaperInput(), required=False, max_length=200)


class AskPaymentInput(MoveInput):
    fees = ListInput(child=RequestedFeeInput(), min_length=1, max_length=50)


class ReceivePaymentInput(MoveInput):
    method = ChoiceInput(choices=Fee.Method.choices, required=False)
    receipt_no = LineInput(max_length=50, required=False, allow_blank=True)


class ApproveInput(MoveInput):
    comment = LinesInput(max_length=1000, required=False, allow_blank=True)
    approver_name = LineInput(
        max_length=150,
        required=False,
        help_text=_("Người duyệt ở hệ thống của đối tác; được ghi là do đối tác thông báo. Không có thì là `by`."),
    )
    approver_position = LineInput(max_length=150, required=False, allow_blank=True)


class DenyInput(ApproveInput):
    comment = LinesInput(max_length=1000, help_text=_("Lý do; công dân được thông báo."))


class ReturnResultInput(MoveInput):
    comment = LinesInput(max_length=1000, required=False, allow_blank=True)
    return_method = ChoiceInput(choices=ReturnMethod.choices, required=False)
    despite_fees = LineInput(
        max_length=1000, required=False, help_text=_("Lý do trả khi còn khoản phải nộp; lãnh đạo.")
    )


class ExtendInput(ReasonInput):
    due_at = InstantInput(help_text=_("Hẹn trả mới."))


class HandOverInput(MoveInput):
    unit = LineInput(max_length=35, help_text=_("Mã định danh đơn vị nhận."))
    step_due = InstantInput(required=False, help_text=_("Hạn của bước này."))


class CorrectTimeInput(Strict):
    """A moment that was recorded wrong, put right."""

    step = WholeInput(min_value=1, help_text=_("`id` của bước trong lịch sử hồ sơ."))
    to = InstantInput(help_text=_("Thời điểm đúng."))
    comment = LinesInput(max_length=4000, help_text=_("Lý do; công khai cùng bước xử lý."))
    by = ByInput(required=False)


BY = {"name": "Trần Minh", "position": "Chuyên viên"}
# The input of each move, and an example. The moves *register* and *amend* are POST and PATCH of the dossier itself.
INPUTS: dict[Move, tuple[type[Strict], dict[str, object]]] = {
    Move.ACCEPT: (MoveInput, {"by": BY}),
    Move.REFUSE: (ReasonInput, {"comment": "Không thuộc thẩm quyền của phường"}),
    Move.ASK_SUPPLEMENT: (
        AskSupplementInput,
        {"comment": "Thiếu giấy chứng sinh", "papers": [{"name": "Giấy chứng sinh", "quantity": 1}]},
    ),
    Move.RECEIVE_SUPPLEMENT: (MoveInput, {"comment": "Đã nhận giấy chứng sinh"}),
    Move.ASK_PAYMENT: (AskPaymentInput, {"fees": [{"name": "Phí cấp phiếu lý lịch tư pháp", "amount": 200_000}]}),
    Move.RECEIVE_PAYMENT: (ReceivePaymentInput, {"method": "online", "receipt_no": "BL-0042"}),
    Move.START: (MoveInput, {"by": BY}),
    Move.APPROVE: (ApproveInput, {"approver_name": "Phạm Hà", "approver_position": "Chủ tịch"}),
    Move.DENY: (DenyInput, {"comment": "Không đủ điều kiện theo Luật Hộ tịch điều 16"}),
    Move.RETURN_RESULT: (ReturnResultInput, {"return_method": "post"}),
    Move.HAND_OVER: (HandOverInput, {"unit": "H22.001", "comment": "Chuyển Sở Tư pháp xác minh"}),
    Move.EXTEND: (
        ExtendInput,
        {"due_at": "2026-12-15T17:00:00+07:00", "comment": "Xin lỗi vì chờ kết quả xác minh"},
    ),
    Move.WITHDRAW: (ReasonInput, {"comment": "Công dân xin rút hồ sơ"}),
    Move.STOP: (ReasonInput, {"comment": "Người nộp đã mất"}),
    Move.REOPEN: (ReasonInput, {"comment": "Duyệt nhầm hồ sơ"}),
    Move.POSTPONE: (ReasonInput, {"comment": "Nghỉ theo thông báo của Ủy ban nhân dân tỉnh"}),
    Move.CORRECT_TIME: (
        CorrectTimeInput,
        {"step": 1024, "to": "2026-11-20T08:15:00+07:00", "comment": "Ghi nhầm năm khi nhập hồ sơ giấy"},
    ),
}
OUT_OF_SIGHT = {204: OpenApiResponse(description=_("Đã chuyển ra ngoài phạm vi được xem của đối tác."))}


class MoveView(ApiView):
    """One move of one dossier."""

    serializer_class = DossierDetail
    move: ClassVar[Move]

    def make(self, uuid: UUID) -> Response:
        dossier = for_change(self.request, uuid, self.colleague)
        data = self.validated_body(INPUTS[self.move][0])
        actor = actor_of(data, self.colleague)
        lifecycle.MAKE[self.move](dossier, actor, **_arguments(data, dossier))
        if not sees(self.colleague, dossier):
            # The partner saw the dossier only because its agency worked on it, and has handed it on.
            return Response(status=status.HTTP_204_NO_CONTENT)
        return answer(uuid, self.colleague)


def _arguments(data: Validated, dossier: Dossier) -> Validated:
    """The arguments of the move's function besides dossier and actor. Raises InputRefused for an unknown unit."""
    arguments = {name: value for name, value in data.items() if name != "by"}
    if "papers" in data:
        arguments["papers"] = [Paper(phase=Phase.SUPPLEMENT, **paper) for paper in data["papers"]]
    if "fees" in data:
        arguments["fees"] = [Fee(demanded_at=timezone.now(), **fee) for fee in data["fees"]]
    if "unit" in data:
        arguments["unit"] = Agency.objects.filter(code=data["unit"], level1=dossier.agency.level1_id).first()
        if arguments["unit"] is None:
            raise InputRefused({"unit": Refused(_("Không có đơn vị này trong cùng tỉnh hoặc bộ."), "unknown")})
    return arguments


def _possible_from(move: Move) -> str:
    """The description of a move in the contract: in which states of the dossier it can be made."""
    states = ", ".join(f"{state.value} ({state.label})" for state in lifecycle.MOVES[move].sources)
    text = _("Thực hiện được khi hồ sơ ở trạng thái: %(states)s. Bước này được ghi vào lịch sử hồ sơ.")
    return str(text) % {"states": states}


def view_of(move: Move) -> type[MoveView]:
    """The view of one move. Each move is an operation of its own in the contract."""
    contract, example = INPUTS[move]

    @extend_schema(
        operation_id=f"dossier_{move.value}",
        summary=capfirst(str(move.label)),
        description=_possible_from(move),
        request=contract,
        responses={200: DossierDetail, **(OUT_OF_SIGHT if move == Move.HAND_OVER else {})},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        examples=[OpenApiExample(str(move.label), example, request_only=True)],
    )
    @once
    def post(view: MoveView, request: Request, uuid: UUID) -> Response:
        return view.make(uuid)

    scope = ApiScope.DOSSIERS_MANAGE if move in lifecycle.MANAGED else ApiScope.DOSSIERS_MOVE
    return type(f"{move.name.title()}View", (MoveView,), {"move": move, "scopes": {"post": scope}, "post": post})


def paths() -> list[URLPattern]:
    return [path(f"dossiers/<uuid:uuid>/{move.value}", view_of(move).as_view(), name=move.value) for move in INPUTS]
