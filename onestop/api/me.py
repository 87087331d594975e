"""`me`: the partner itself, as the token of the call shows it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from oauth2_provider.models import AccessToken
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.partners.permissions import IsPartner
from onestop.partners.scopes import ApiScope
from onestop.rest.rendering import local
from onestop.rest.views import ApiView


class MeRow(serializers.Serializer[object]):
    name = serializers.CharField(help_text=_("Tên của đối tác."))
    agencies = serializers.ListField(
        child=serializers.CharField(), help_text=_("Mã định danh của những cơ quan mà đối tác được giao.")
    )
    is_test = serializers.BooleanField(help_text=_("true: đối tác thử, chỉ nộp và chỉ thấy hồ sơ thử."))
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=ApiScope.choices), help_text=_("Quyền của token này lúc này.")
    )
    token_expires_at = serializers.DateTimeField(help_text=_("Token này dùng được đến lúc này."))
    credential_expires_at = serializers.DateTimeField(
        allow_null=True, help_text=_("Thông tin đăng nhập dùng được đến lúc này; null: không có hạn.")
    )
    rate_per_minute = serializers.IntegerField(help_text=_("Số lần gọi được phép trong một phút."))


EXAMPLE = {
    "name": "LGSP Hà Giang",
    "agencies": ["H22"],
    "is_test": False,
    "scopes": ["dossiers:create", "dossiers:read"],
    "token_expires_at": "2026-10-01T09:00:00+07:00",
    "credential_expires_at": None,
    "rate_per_minute": 600,
}


class MeView(ApiView):
    """Open to every token, whatever its scopes."""

    scopes = {"get": None}
    permission_classes = (IsPartner,)
    pagination_class = None

    @extend_schema(
        operation_id="me",
        summary=_("Đối tác và token đang dùng"),
        description=_(
            "Dùng để kiểm tra kết nối: đối tác là ai, được giao cơ quan nào, token có quyền gì và đến lúc nào. "
            "Mọi token đều gọi được."
        ),
        responses=MeRow,
        examples=[OpenApiExample("LGSP", EXAMPLE, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        partner = self.colleague.partner
        assert isinstance(request.auth, AccessToken)  # noqa: S101 the authentication has seen to that
        return Response(
            {
                "name": partner.name,
                "agencies": sorted(partner.agencies.values_list("code", flat=True)),
                "is_test": partner.is_test,
                "scopes": sorted(self.colleague.scopes),
                "token_expires_at": local(request.auth.expires),
                "credential_expires_at": local(request.auth.application.credential.expires_at),
                "rate_per_minute": partner.rate_per_minute,
            }
        )
