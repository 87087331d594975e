"""`python manage.py add_partner NAME --agency CODE … --scope SCOPE …`: another system that may call ours."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from onestop.catalog.models import Agency
from onestop.partners.credentials import Issued, issue
from onestop.partners.models import Partner
from onestop.partners.scopes import ApiScope


class Command(BaseCommand):
    help = "Thêm một hệ thống đối tác. In ra client_id và client_secret, một lần duy nhất: không nơi nào giữ lại."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="TÊN")
        parser.add_argument("--agency", nargs="+", action="extend", default=[], metavar="MÃ", help="cơ quan được thấy")
        parser.add_argument("--scope", nargs="+", action="extend", default=[], metavar="QUYỀN", help=_scopes())
        parser.add_argument("--rate", type=int, metavar="N", help="số lần gọi mỗi phút; mặc định 600")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = Partner(
            name=options["name"].strip(), scopes=[scope for scope in ApiScope if scope in options["scope"]]
        )
        if options["rate"] is not None:
            partner.rate_per_minute = options["rate"]
        agencies = list(Agency.objects.filter(code__in=options["agency"]))
        errors = _wrong_agencies(options["agency"], agencies) + _wrong_scopes(options["scope"]) + _wrong_row(partner)
        if errors:
            raise CommandError("\n".join(errors))
        issued = _added(partner, agencies)
        fields = {"name": partner.name, "agencies": [agency.code for agency in agencies], "scopes": partner.scopes}
        self.stdout.write(json.dumps(fields | issued.as_json(), ensure_ascii=False, indent=2))


@transaction.atomic
def _added(partner: Partner, agencies: Sequence[Agency]) -> Issued:
    partner.save()
    partner.agencies.set(agencies)
    return issue(partner)


def _wrong_agencies(codes: Sequence[str], agencies: Sequence[Agency]) -> list[str]:
    if not codes:
        return ["--agency: cần ít nhất một mã cơ quan."]
    unknown = sorted(set(codes) - {agency.code for agency in agencies})
    return [f"--agency: không có cơ quan nào mang mã {', '.join(unknown)}."] if unknown else []


def _wrong_scopes(scopes: Sequence[str]) -> list[str]:
    if not scopes:
        return [f"--scope: cần ít nhất một quyền trong số:\n{_scopes()}"]
    unknown = sorted(set(scopes) - set(ApiScope.values))
    return [f"--scope: không có quyền {', '.join(unknown)}. Các quyền là:\n{_scopes()}"] if unknown else []


def _wrong_row(partner: Partner) -> list[str]:
    arguments = {"name": "TÊN", "rate_per_minute": "--rate"}
    try:
        # What is wrong with the scopes was said by then.
        partner.full_clean(exclude=["scopes"])
    except ValidationError as error:
        return [f"{arguments[name]}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
    return []


def _scopes() -> str:
    return "\n".join(f"  {scope.value}: {scope.label}" for scope in ApiScope)
