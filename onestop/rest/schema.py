"""How the contract is described: errors as they really are told, and headers that every operation knows."""

from __future__ import annotations

from typing import Any

from drf_standardized_errors.openapi import AutoSchema


class ContractSchema(AutoSchema):
    def get_tags(self) -> list[str]:
        """By resource: the first part of the address behind the version."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_override_parameters(self) -> list[Any]:
        return []
