"""`dossiers/{uuid}/history`: all moves of a dossier, in order."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from onestop.dossiers.models import Dossier, Transition
from onestop.partners.scopes import ApiScope
from onestop.rest.rows import columns, row
from onestop.rest.views import ApiView


class TransitionRow(serializers.ModelSerializer[Transition]):
    unit = serializers.CharField(source="unit.code")
    undoes = serializers.IntegerField(
        allow_null=True, help_text=_("`id` của bước mà bước này hoàn tác; chỉ có ở bước `undo`.")
    )

    class Meta:
        model = Transition
        fields = [
            *("id", "move", "from_state", "to_state", "at", "actor_name", "actor_position", "unit", "comment"),
            "undoes",
        ]
        read_only_fields = fields


COLUMNS = columns(TransitionRow)


class HistoryView(ApiView):
    """One dossier's way."""

    scopes = {"get": ApiScope.DOSSIERS_READ}
    parameters = {"get": frozenset({"limit", "cursor", "count"})}
    queryset = Transition.objects.none()
    serializer_class = TransitionRow

    @extend_schema(
        operation_id="dossier_history",
        summary=_("Các bước xử lý của một hồ sơ, theo thứ tự"),
        description=_("Mỗi bước có thời điểm, người thực hiện, trạng thái trước và sau. Bước đã ghi không thay đổi."),
    )
    def get(self, request: Request, uuid: UUID) -> Response:
        dossier = Dossier.objects.visible_to(self.colleague).filter(uuid=uuid).values("pk").first()  # scope: history
        if dossier is None:
            raise Http404
        moves = Transition.objects.filter(dossier=dossier["pk"])
        page = self.paginate_queryset(moves.values("pk", *COLUMNS.values()))
        return self.get_paginated_response([row(values, COLUMNS) for values in page or ()])
