"""`python manage.py add_partner NAME --agency CODE … --scope SCOPE …`: adds a system that may call ours."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence

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
        parser.add_argument("--test", action="store_true", help="đối tác thử: chỉ nộp và chỉ thấy hồ sơ thử")
        parser.add_argument("--rate", type=int, metavar="N", help="số lần gọi mỗi phút; mặc định 600")

    def handle(
        self,
        *args: object,
        name: str,
        agency: list[str],
        scope: list[str],
        test: bool,
        rate: int | None,
        **options: object,
    ) -> None:
        partner = Partner(name=name.strip(), scopes=[one for one in ApiScope if one in scope], is_test=test)
        if rate is not None:
            partner.rate_per_minute = rate
        agencies = list(Agency.objects.filter(code__in=agency))
        errors = []
        if not agency:
            errors.append("--agency: cần ít nhất một mã cơ quan.")
        elif unknown := sorted(set(agency) - {one.code for one in agencies}):
            errors.append(f"--agency: không có cơ quan nào mang mã {', '.join(unknown)}.")
        if not scope:
            errors.append(f"--scope: cần ít nhất một quyền trong số:\n{_scopes()}")
        elif unknown := sorted(set(scope) - set(ApiScope.values)):
            errors.append(f"--scope: không có quyền {', '.join(unknown)}. Các quyền là:\n{_scopes()}")
        errors += _wrong_row(partner)
        if errors:
            raise CommandError("\n".join(errors))
        issued = _added(partner, agencies)
        fields = {
            "name": partner.name,
            "is_test": partner.is_test,
            "agencies": [one.code for one in agencies],
            "scopes": partner.scopes,
        }
        self.stdout.write(json.dumps(fields | issued.as_json(), ensure_ascii=False, indent=2))


@transaction.atomic
def _added(partner: Partner, agencies: Sequence[Agency]) -> Issued:
    partner.save()
    partner.agencies.set(agencies)
    return issue(partner)


def _wrong_row(partner: Partner) -> list[str]:
    arguments = {"name": "TÊN", "rate_per_minute": "--rate"}
    try:
        # `handle` has checked the scopes already.
        partner.full_clean(exclude=["scopes"])
    except ValidationError as error:
        return [f"{arguments[name]}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
    return []


def _scopes() -> str:
    return "\n".join(f"  {scope.value}: {scope.label}" for scope in ApiScope)
