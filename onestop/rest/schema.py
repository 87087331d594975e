"""How the contract is described: one shape of errors, and operations that are called what they are."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

PROBLEM_TYPES = ["validation_error", "client_error", "server_error"]


class FaultRow(serializers.Serializer[Any]):
    code = serializers.CharField(help_text=_("Lỗi gì, cho máy đọc."))
    detail = serializers.CharField(help_text=_("Lỗi gì, cho người đọc."))
    attr = serializers.CharField(allow_null=True, help_text=_("Ở trường nào, như papers.0.name."))


class Problem(serializers.Serializer[Any]):
    """What every error looks like."""

    type = serializers.ChoiceField(choices=PROBLEM_TYPES)
    errors = FaultRow(many=True)  # type: ignore[assignment] # DRF takes declared fields out of the class


READING = ("400", "401", "403", "404", "406", "429")
WRITING = (*READING, "409", "412", "413", "415", "422")


class ContractSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        """By resource: the first part of the address behind the version."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _is_list_view(self, serializer: Any = None) -> bool:
        """What a view says of itself, by its pages, is enough."""
        paged = getattr(self.view, "pagination_class", None) is not None
        return self.method == "GET" and paged and not self.path.endswith("}")

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in READING if self.method == "GET" else WRITING:
            described = self._get_response_for_code(Problem, code)  # type: ignore[no-untyped-call] # untyped there
            bodies.setdefault(code, described)
        return bodies
