"""`webhooks`: the addresses that get a partner's events, and the state of sending to them. A secret is shown once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.fields import FlagInput, LineInput, Strict
from onestop.rest.rendering import local
from onestop.rest.schema import LOCATION
from onestop.rest.views import ApiView
from packets.http.addresses import check_web_address
from packets.models import Attempt, Packet, PacketState, Portal
from packets.models.reasons import ADVICE, Reason
from packets.subscriptions import change, end, renew_secret, subscribe

ADDRESS = {"url": "https://lgsp.hagiang.gov.vn/motcua/su-kien"}


class TryRow(serializers.Serializer[dict[str, object]]):
    """How the last try ended."""

    at = serializers.DateTimeField()
    http_status = serializers.IntegerField(allow_null=True)
    reason = serializers.ChoiceField(choices=[("", ""), *Reason.choices], help_text=_("Trống: đã nhận."))
    reason_text = serializers.CharField()
    advice = serializers.CharField()


class WebhookRow(serializers.Serializer[dict[str, object]]):
    """A webhook, without its secret."""

    code = serializers.CharField()
    url = serializers.CharField()
    is_active = serializers.BooleanField()
    since = serializers.DateTimeField(help_text=_("Báo mọi bước xử lý từ lúc này."))
    waiting = serializers.IntegerField(help_text=_("Số sự kiện chờ gửi."))
    stopped = serializers.IntegerField(help_text=_("Số sự kiện đã dừng, cần người xử lý."))
    failures = serializers.IntegerField(help_text=_("Số lần lỗi liên tiếp."))
    resting_until = serializers.DateTimeField(allow_null=True, help_text=_("Lỗi nhiều nên tạm nghỉ đến lúc này."))
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_try = TryRow(allow_null=True)


class WebhookWithSecret(WebhookRow):
    secret = serializers.CharField(help_text=_("Khóa ký, chỉ hiện lần này."))


class WebhookInput(Strict):
    url = LineInput(max_length=500, validators=[check_web_address], help_text=_("https://…, một địa chỉ công khai."))


class WebhookChange(Strict):
    url = LineInput(max_length=500, validators=[check_web_address], required=False)
    is_active = FlagInput(required=False, help_text=_("false: tạm dừng, sự kiện chờ lại."))


def webhook_rows(portals: Sequence[Portal]) -> list[dict[str, object]]:
    """The answer for each of `portals`, in a fixed number of queries."""
    stopped = Q(state=PacketState.STOPPED)
    unsettled = Packet.objects.unsettled().filter(portal__in=[portal.pk for portal in portals]).order_by()
    figures = {
        pk: (waiting, dead)
        for pk, waiting, dead in unsettled.values_list("portal").annotate(
            waiting=Count("pk", filter=~stopped), stopped=Count("pk", filter=stopped)
        )
    }
    tries = Attempt.objects.in_bulk([portal.last_try for portal in portals if portal.last_try])  # type: ignore[attr-defined] # annotated
    return [
        {
            "code": portal.code,
            "url": portal.base_url,
            "is_active": portal.is_active,
            "since": local(portal.since),
            "waiting": figures.get(portal.pk, (0, 0))[0],
            "stopped": figures.get(portal.pk, (0, 0))[1],
            "failures": portal.delivery.failures,
            "resting_until": local(portal.delivery.resting_until),
            "last_success_at": local(portal.delivery.last_success_at),
            "last_try": _try(tries.get(portal.last_try)),  # type: ignore[attr-defined] # annotated
        }
        for portal in portals
    ]


def _try(attempt: Attempt | None) -> dict[str, object] | None:
    """An attempt without the receiver's words: they may come from a network that the partner itself cannot read."""
    if attempt is None:
        return None
    return {
        "at": local(attempt.at),
        "http_status": attempt.http_status,
        "reason": attempt.reason,
        "reason_text": str(Reason(attempt.reason).label) if attempt.reason else "",
        "advice": str(ADVICE.get(attempt.reason, "")),
    }


class _Webhooks(ApiView):
    """What the resources of a partner's own webhooks share."""

    queryset = Portal.objects.none()
    serializer_class = WebhookRow

    def own(self) -> QuerySet[Portal]:
        last = Attempt.objects.filter(portal=OuterRef("pk")).order_by("-recorded_at").values("pk")[:1]
        webhooks = Portal.objects.webhooks_of(self.colleague.partner)  # scope: webhooks
        own = webhooks.select_related("delivery", "partner")
        return own.annotate(last_try=Subquery(last))

    def one(self, code: str) -> Portal:
        portal: Portal | None = self.own().filter(code=code).first()
        if portal is None:
            raise Http404
        return portal

    def answer(self, code: str, secret: str = "", http_status: int = status.HTTP_200_OK) -> Response:
        row = webhook_rows([self.one(code)])[0]
        if not secret:
            return Response(row, http_status)
        headers = {"Cache-Control": "no-store"}
        if http_status == status.HTTP_201_CREATED:
            headers["Location"] = f"/api/v1/webhooks/{code}"
        return Response(row | {"secret": secret}, http_status, headers=headers)


class WebhooksView(_Webhooks):
    """All of them."""

    scopes = {"get": ApiScope.WEBHOOKS_READ, "post": ApiScope.WEBHOOKS_WRITE}
    parameters = {"get": frozenset({"limit", "cursor", "count"})}

    @extend_schema(
        summary=_("Các webhook của đối tác"),
        description=_("Mọi địa chỉ nhận thông báo của đối tác, kèm tình trạng gửi. Khóa ký không có ở đây."),
    )
    def get(self, request: Request) -> Response:
        return self.get_paginated_response(webhook_rows(self.paginate_queryset(self.own()) or []))

    @extend_schema(
        summary=_("Đăng ký một webhook; khóa ký nằm trong câu trả lời này và không hiện lại"),
        description=_("Từ lúc đăng ký, mọi bước xử lý của hồ sơ trong phạm vi được xem được gửi đến địa chỉ này."),
        request=WebhookInput,
        responses={201: WebhookWithSecret},
        parameters=[LOCATION],
        examples=[OpenApiExample("Đăng ký", ADDRESS, request_only=True)],
    )
    def post(self, request: Request) -> Response:
        portal = subscribe(self.colleague.partner, self.validated_body(WebhookInput)["url"])
        return self.answer(portal.code, portal.client_secret, status.HTTP_201_CREATED)


class WebhookView(_Webhooks):
    """One of them."""

    scopes = {"get": ApiScope.WEBHOOKS_READ, "patch": ApiScope.WEBHOOKS_WRITE, "delete": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        summary=_("Một webhook và tình trạng gửi"),
        description=_("Số sự kiện đang chờ, đã dừng, và kết quả của lần gửi gần nhất."),
    )
    def get(self, request: Request, code: str) -> Response:
        return self.answer(code)

    @extend_schema(
        summary=_("Đổi địa chỉ, tạm dừng hoặc gửi tiếp"),
        description=_("Trong lúc tạm dừng, sự kiện được giữ lại và gửi sau."),
        request=WebhookChange,
        responses=WebhookRow,
        examples=[
            OpenApiExample("Tạm dừng", {"is_active": False}, request_only=True),
            OpenApiExample("Đổi địa chỉ", ADDRESS, request_only=True),
        ],
    )
    def patch(self, request: Request, code: str) -> Response:
        change(self.one(code), by=self.colleague, **self.validated_body(WebhookChange))
        return self.answer(code)

    @extend_schema(
        summary=_("Bỏ đăng ký; không gửi gì nữa"),
        description=_("Sự kiện còn chờ cũng không được gửi."),
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, code: str) -> Response:
        end(self.one(code))
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecretView(_Webhooks):
    """The secret, anew."""

    scopes = {"post": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_secret",
        summary=_("Đổi khóa ký; khóa cũ thôi dùng ngay"),
        description=_("Khóa mới nằm trong câu trả lời này và không hiện lại."),
        request=None,
        responses=WebhookWithSecret,
    )
    def post(self, request: Request, code: str) -> Response:
        return self.answer(code, renew_secret(self.one(code)))
