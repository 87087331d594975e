"""How one attempt to deliver ended, as a partner reads it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from onestop.rest.rendering import local
from packets.models import Attempt
from packets.models.reasons import ADVICE, Reason


class TryRow(serializers.Serializer[dict[str, object]]):
    """One attempt."""

    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField(help_text=_("Thời gian từ lúc gửi đến khi có kết quả."))
    http_status = serializers.IntegerField(allow_null=True, help_text=_("null: không có câu trả lời."))
    reason = serializers.ChoiceField(choices=[("", ""), *Reason.choices], help_text=_("Trống: đã nhận."))
    reason_text = serializers.CharField()
    advice = serializers.CharField()


def try_row(attempt: Attempt | None) -> dict[str, object] | None:
    """An attempt without the receiver's words: they may come from a network that the partner itself cannot read."""
    if attempt is None:
        return None
    return {
        "at": local(attempt.at),
        "milliseconds": attempt.milliseconds,
        "http_status": attempt.http_status,
        **reason_row(attempt.reason),
    }


def reason_row(reason: str) -> dict[str, str]:
    """A reason, or "", with its words."""
    return {
        "reason": reason,
        "reason_text": str(Reason(reason).label) if reason else "",
        "advice": str(ADVICE.get(reason, "")),
    }
