"""`webhooks/{code}/deliveries`: each event of a webhook with its attempts; a ping; sending one again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

import django_filters.rest_framework as filters
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.utils.choices import CallableChoiceIterator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.scopes import ApiScope
from onestop.rest.fields import NoInput
from onestop.rest.idempotency import once
from onestop.rest.rows import row
from onestop.rest.schema import IDEMPOTENCY_KEY, LOCATION
from packets import dialects
from packets.deliveries import ping, redeliver
from packets.models import Attempt, Packet, PacketQuerySet, PacketState
from packets.models.reasons import Reason

from .attempts import TryRow, reason_row, try_row
from .webhooks import OwnWebhooks

# Of one delivery, the latest.
ATTEMPTS_SHOWN: Final = 50
# The fields that are columns of a packet's row. Its text is not read.
FIELDS: Final = {
    "id": "key",
    "dossier": "dossier__uuid",
    "sequence": "transition_id",
    "state": "state",
    "tries": "tries",
    "created_at": "collected_at",
    "due_at": "due_at",
    "settled_at": "settled_at",
}
COLUMNS: Final = ("pk", "kind", "reason", "last_try", *FIELDS.values())

ACCEPTED = {
    "id": "5b2c7a90-6d0f-4e8b-9a55-0c1d2e3f4a5b",
    "event": "dossier.moved",
    "dossier": "0b6f3c1e-2f57-4d0a-8a35-6b7c8d9e0f11",
    "sequence": 4711,
    "state": "accepted",
    "reason": "",
    "reason_text": "",
    "advice": "",
    "tries": 1,
    "created_at": "2026-10-01T08:00:01+07:00",
    "due_at": None,
    "settled_at": "2026-10-01T08:00:02+07:00",
    "last_try": {
        "at": "2026-10-01T08:00:02+07:00",
        "milliseconds": 87,
        "http_status": 204,
        "reason": "",
        "reason_text": "",
        "advice": "",
    },
}
WAITING = {"state": "ready", "due_at": "2026-10-01T08:05:00+07:00", "settled_at": None}
A_PING = ACCEPTED | WAITING | {"event": "ping", "dossier": None, "sequence": None, "tries": 0, "last_try": None}


def event_choices() -> list[tuple[str, str]]:
    return [(name, name) for name in dialects.for_partners().events.values()]


class DeliveryRow(serializers.Serializer[dict[str, object]]):
    """One event on its way to one webhook, without its content."""

    id = serializers.UUIDField(help_text=_("`Webhook-Id` của mọi lần gửi, cũng là `id` trong nội dung."))
    event = serializers.ChoiceField(choices=event_choices())
    dossier = serializers.UUIDField(allow_null=True, help_text=_("uuid của hồ sơ; null với ping."))
    sequence = serializers.IntegerField(allow_null=True, help_text=_("`id` của bước trong lịch sử hồ sơ."))
    state = serializers.ChoiceField(choices=PacketState.choices)
    reason = serializers.ChoiceField(choices=Reason.choices, allow_blank=True, help_text=_("Trống: không có gì."))
    reason_text = serializers.CharField()
    advice = serializers.CharField()
    tries = serializers.IntegerField(help_text=_("Số lần đã gửi."))
    created_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Gửi tiếp lúc nào; null: đã xong, đã dừng, hoặc chờ sự kiện trước của hồ sơ.")
    )
    settled_at = serializers.DateTimeField(allow_null=True, help_text=_("Nơi nhận đã nhận lúc nào."))
    last_try = TryRow(allow_null=True)


class DeliveryDetail(DeliveryRow):
    """The same with its attempts."""

    attempts = TryRow(many=True, help_text=_("Các lần gửi, lần mới trước; nhiều nhất 50 lần gần nhất."))


def delivery_rows(packets: Iterable[Mapping[str, object]]) -> list[dict[str, object]]:
    """The answer for each of `packets` (`COLUMNS`), in one query more."""
    rows, events = list(packets), dialects.for_partners().events
    tries = Attempt.objects.in_bulk([values["last_try"] for values in rows if values["last_try"]])
    return [
        {
            **row(values, FIELDS),
            **reason_row(str(values["reason"])),
            "event": events[str(values["kind"])],
            "last_try": try_row(tries.get(values["last_try"])),
        }
        for values in rows
    ]


class DeliveryFilter(filters.FilterSet):  # type: ignore[misc] # the package ships no types
    event = filters.ChoiceFilter(choices=CallableChoiceIterator(event_choices), method="of_event")
    state = filters.MultipleChoiceFilter(choices=PacketState.choices, distinct=False)
    dossier = filters.UUIDFilter(field_name="dossier__uuid", help_text=_("uuid của hồ sơ."))

    class Meta:
        model = Packet
        fields = ["state"]

    def of_event(self, packets: PacketQuerySet, _name: str, event: str) -> PacketQuerySet:
        kinds = [kind for kind, name in dialects.for_partners().events.items() if name == event]
        return packets.filter(kind__in=kinds)


class _Deliveries(OwnWebhooks):
    """What the resources of one webhook's deliveries share."""

    queryset = Packet.objects.none()
    serializer_class = DeliveryRow
    ordering = ("-pk",)

    def deliveries(self, code: str) -> PacketQuerySet:
        last = Attempt.objects.filter(packet=OuterRef("pk")).order_by("-pk").values("pk")[:1]
        return Packet.objects.delivered_by(self.one(code)).annotate(last_try=Subquery(last))

    def delivery(self, code: str, key: UUID) -> Packet:
        packet: Packet | None = self.deliveries(code).select_related("portal").filter(key=key).first()
        if packet is None:
            raise Http404
        return packet

    def described(self, code: str, key: UUID) -> dict[str, object]:
        """One delivery with its attempts. Raises Http404."""
        packets = self.deliveries(code).filter(key=key)
        rows = delivery_rows(packets.values(*COLUMNS))
        if not rows:
            raise Http404
        attempts = Attempt.objects.filter(packet__in=packets.values("pk")).order_by("-pk")[:ATTEMPTS_SHOWN]
        return rows[0] | {"attempts": [try_row(attempt) for attempt in attempts]}


class DeliveriesView(_Deliveries):
    """All of one webhook."""

    scopes = {"get": ApiScope.WEBHOOKS_READ}
    filterset_class = DeliveryFilter

    @extend_schema(
        operation_id="deliveries_list",
        summary=_("Các sự kiện của một webhook, mới trước, kèm kết quả gửi"),
        description=_(
            "Lọc theo `state` và `event`: `state=stopped` là những sự kiện đã dừng. Không có nội dung sự kiện và "
            "không có câu trả lời của nơi nhận."
        ),
        examples=[OpenApiExample("Đã nhận", ACCEPTED, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request, code: str) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.deliveries(code)).values(*COLUMNS))
        return self.get_paginated_response(delivery_rows(page or ()))


class DeliveryView(_Deliveries):
    """One of them."""

    scopes = {"get": ApiScope.WEBHOOKS_READ}

    @extend_schema(
        operation_id="deliveries_retrieve",
        summary=_("Một sự kiện và các lần gửi"),
        description=_("Mỗi lần gửi có thời điểm, thời gian chờ, mã HTTP của nơi nhận và lý do chưa được nhận."),
        responses=DeliveryDetail,
        examples=[
            OpenApiExample(
                "Đã nhận",
                ACCEPTED | {"attempts": [ACCEPTED["last_try"]]},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request, code: str, id: UUID) -> Response:
        return Response(self.described(code, id))


class RedeliverView(_Deliveries):
    """One of them, once more."""

    scopes = {"post": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="deliveries_redeliver",
        summary=_("Gửi lại một sự kiện"),
        description=_(
            "Gửi lại ngay với cùng `Webhook-Id` và cùng nội dung, kể cả sự kiện đã được nhận, nên nơi nhận biết đó là "
            "sự kiện trùng. Các sự kiện sau của cùng hồ sơ chờ sự kiện này. Sự kiện đang được gửi được trả lời 409 "
            "`being_sent`; sự kiện đã bị hủy được trả lời 409 `cancelled`."
        ),
        request=None,
        responses=DeliveryDetail,
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            OpenApiExample(
                "Chờ gửi lại",
                ACCEPTED | WAITING | {"attempts": [ACCEPTED["last_try"]]},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    @once
    def post(self, request: Request, code: str, id: UUID) -> Response:
        self.validated_body(NoInput)
        redeliver(self.delivery(code, id))
        return Response(self.described(code, id))


class PingView(_Deliveries):
    """A test event."""

    scopes = {"post": ApiScope.WEBHOOKS_WRITE}

    @extend_schema(
        operation_id="webhooks_ping",
        summary=_("Gửi một sự kiện `ping` để kiểm tra kết nối"),
        description=_(
            "`ping` được ký, gửi và gửi lại như mọi sự kiện; kết quả ở địa chỉ trong `Location`. Khi một `ping` chưa "
            "xong, chính `ping` đó được gửi lại và câu trả lời là 200. Webhook đang tạm nghỉ vì lỗi nhiều được gửi "
            "thử ngay; webhook đang tạm dừng thì `ping` chờ đến khi gửi tiếp."
        ),
        request=None,
        responses={201: DeliveryDetail, 200: DeliveryDetail},
        parameters=[IDEMPOTENCY_KEY, LOCATION],
        examples=[
            OpenApiExample("Chờ gửi", A_PING | {"attempts": []}, response_only=True, status_codes=["201", "200"])
        ],
    )
    @once
    def post(self, request: Request, code: str) -> Response:
        self.validated_body(NoInput)
        packet, is_new = ping(self.one(code))
        return Response(
            self.described(code, packet.key),
            status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
            headers={"Location": f"/api/v1/webhooks/{code}/deliveries/{packet.key}"},
        )
