"""`webhooks`: the addresses that get a partner's events, and the state of sending to them. A secret is shown once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.fields import FlagInput, LineInput, NoInput, Strict
from onestop.rest.rendering import local
from onestop.rest.schema import LOCATION
from onestop.rest.views import ApiView
from packets.deliveries import start_again
from packets.http.addresses import check_web_address
from packets.models import Attempt, Packet, PacketState, Portal
from packets.subscriptions import change, end, end_old_secrets, renew_secret, subscribe

from .attempts import TryRow, try_row

ADDRESS = {"url": "https://lgsp.hagiang.gov.vn/motcua/su-kien"}
EXAMPLE = {
    "code": "wh-3f9a1c20de",
    **ADDRESS,
    "is_active": True,
    "since": "2026-10-01T08:00:00+07:00",
    "waiting": 3,
    "stopped": 1,
    "failures": 5,
    "resting_until": "2026-10-01T09:15:00+07:00",
    "last_success_at": "2026-10-01T08:40:12+07:00",
    "last_try": {
        "at": "2026-10-01T09:00:00+07:00",
        "milliseconds": 87,
        "http_status": 503,
        "reason": "server_error",
        "reason_text": "Cổng đang lỗi",
        "advice": "Báo cho đơn vị vận hành Cổng nếu kéo dài. Gói dữ liệu được gửi lại tự động.",
    },
    "old_secrets_until": None,
}
SECRET = {"secret": "whsec_dGhpcnR5LXR3byByYW5kb20gYnl0ZXMsIGluIGJhc2U="}
RIGHT = {"waiting": 0, "stopped": 0, "failures": 0, "resting_until": None}
NEW = {"last_success_at": None, "last_try": None}


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
    old_secrets_until = serializers.DateTimeField(
        allow_null=True, help_text=_("Đến lúc này sự kiện còn được ký bằng cả khóa cũ; null: chỉ bằng khóa hiện tại.")
    )


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
    now = timezone.now()
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
            "last_try": try_row(tries.get(portal.last_try)),  # type: ignore[attr-defined] # annotated
            "old_secrets_until": local(max((old.until for old in portal.valid_old_secrets(now)), default=None)),
        }
        for portal in portals
    ]


class OwnWebhooks(ApiView):
    """Finds the partner's own webhooks."""

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


class _Webhooks(OwnWebhooks):
    """What the resources of webhooks themselves share."""

    queryset = Portal.objects.none()
    serializer_class = WebhookRow

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
        examples=[
            OpenApiExample("Đăng ký", ADDRESS, request_only=True),
            OpenApiExample("Đã đăng ký", EXAMPLE | RIGHT | NEW | SECRET, response_only=True, status_codes=["201"]),
        ],
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
        examples=[OpenApiExample("Đang lỗi", EXAMPLE, response_only=True, status_codes=["200"])],
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
    """Another secret."""

    scopes = {"post": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_secret",
        summary=_("Đổi khóa ký; khóa cũ còn ký cùng trong 7 ngày"),
        description=_(
            "Khóa mới nằm trong câu trả lời này và không hiện lại. Trong 7 ngày (168 giờ), mỗi sự kiện được ký bằng "
            "cả hai khóa, để nơi nhận kịp đổi; `old_secrets_until` cho biết đến lúc nào. Nhiều nhất ba khóa cũ cùng "
            "còn dùng, quá thì được trả lời 409 `too_many`. Khóa dạng cũ (không phải base64) thôi dùng ngay."
        ),
        request=None,
        responses=WebhookWithSecret,
        examples=[
            OpenApiExample(
                "Khóa mới",
                EXAMPLE | RIGHT | {"old_secrets_until": "2026-10-08T09:00:00+07:00"} | SECRET,
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def post(self, request: Request, code: str) -> Response:
        return self.answer(code, renew_secret(self.one(code)))


class OldSecretsView(_Webhooks):
    """The secrets before, which still sign."""

    scopes = {"delete": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_old_secrets_end",
        summary=_("Kết thúc sớm các khóa ký cũ"),
        description=_("Sự kiện chỉ còn được ký bằng khóa hiện tại. Không có khóa cũ nào cũng được trả lời 204."),
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, code: str) -> Response:
        end_old_secrets(self.one(code))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ResumeView(_Webhooks):
    """Sending, again."""

    scopes = {"post": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_resume",
        summary=_("Gửi tiếp sau khi đã sửa: mọi sự kiện còn chờ hoặc đã dừng được gửi ngay, theo thứ tự"),
        description=_(
            "Dùng khi webhook đang tạm dừng, đang tạm nghỉ vì lỗi nhiều, hoặc có sự kiện đã dừng (410, hoặc lỗi quá "
            "96 giờ). Mỗi sự kiện giữ `Webhook-Id` và nội dung cũ. Gọi nhiều lần cũng như một lần."
        ),
        request=None,
        responses=WebhookRow,
        examples=[
            OpenApiExample("Đã gửi tiếp", EXAMPLE | RIGHT | {"waiting": 4}, response_only=True, status_codes=["200"])
        ],
    )
    def post(self, request: Request, code: str) -> Response:
        self.validated_body(NoInput)
        start_again(self.one(code), by=self.colleague)
        return self.answer(code)
