"""Makes a database ready for calls, in a process of its own: a province of `DOSSIERS` and three partners.

Prints what the callers need to know. Databases are kept apart by processes, as those of offices are.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import timedelta

import django

from .measuring import say

# Nobody is turned away for calling too often.
UNBOUNDED = 1_000_000


@dataclass
class Known:
    """What callers know of an office. `credentials`: client id and secret by the code of the agency."""

    credentials: dict[str, tuple[str, str]]
    agencies: list[str]
    procedures: list[str]
    # The list from the middle of all dossiers on, and what changed in the last month.
    cursor: str
    since: str
    uuids: list[str]


def ready(dossiers: int) -> Known:
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from onestop.catalog.models import Agency, Procedure
    from onestop.dossiers.models import Dossier
    from onestop.rest.keyset import _encoded

    from .province import make_province

    call_command("migrate", verbosity=0)
    if not Dossier.objects.exists():
        make_province(dossiers, timezone.now(), seed=1, say=say)
    dissolved, _made = Agency.objects.get_or_create(
        code="H22.999",
        defaults={
            "name": "Phường cũ",
            "parent": Agency.objects.get(code="H22"),
            "level": "commune",
            "is_active": False,
        },
    )
    with connection.cursor() as cursor:
        # As if nobody had looked after it: what an earlier run has found out is forgotten.
        cursor.execute("DELETE FROM pg_statistic")
        cursor.execute("CHECKPOINT")
    newest = Dossier.objects.latest("pk")
    return Known(
        credentials={code: credential(code) for code in ("H22", "H22.001", "H22.101", dissolved.code)},
        agencies=list(Agency.objects.filter(is_active=True).values_list("code", flat=True)),
        procedures=list(Procedure.objects.values_list("code", flat=True)),
        cursor=_encoded({"pk": newest.pk // 2}, ["-pk"]),
        since=(newest.changed_at - timedelta(days=30)).isoformat(),
        uuids=[
            str(uuid) for uuid in Dossier.objects.filter(pk__gte=newest.pk // 3).values_list("uuid", flat=True)[:200]
        ],
    )


def credential(code: str) -> tuple[str, str]:
    """Of a new partner that is bound to this agency."""
    from onestop.catalog.models import Agency
    from onestop.partners.credentials import issue
    from onestop.partners.models import Partner
    from onestop.partners.scopes import ApiScope

    name = f"{code} #{Partner.objects.count()}"
    partner = Partner.objects.create(name=name, scopes=list(ApiScope.values), rate_per_minute=UNBOUNDED)
    partner.agencies.set([Agency.objects.get(code=code)])
    issued = issue(partner)
    return issued.credential.application.client_id, issued.secret


if __name__ == "__main__":
    django.setup()
    print(json.dumps(asdict(ready(int(os.environ["DOSSIERS"])))))
