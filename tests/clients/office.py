"""`python -m tests.clients.office FOLDER`: an office to be called; what partners must know of it goes into FOLDER."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import django

CALLS_A_MINUTE, CALLS_A_MINUTE_OF_THE_SLOW = 100_000, 3
# One for each journey.
ON_A_DAY_OFF = 4


def main(folder: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    (folder / "office.json").write_text(json.dumps(_filled()), encoding="utf-8")


def _filled() -> dict[str, Any]:  # Any: JSON
    from django.core.management import call_command

    from packets.collecting.collect import collect
    from tests import people
    from tests.packets.portals import a_portal

    portal = a_portal()
    people.ward_desk()
    people.department()
    people.two_wards_and_a_commune()
    procedure = people.a_procedure_with_papers_and_fees()
    people.a_dossier(files=[people.a_file()])
    due_on_a_day_off = [people.a_dossier() for _each in range(ON_A_DAY_OFF)]
    for dossier in due_on_a_day_off:
        people.on_a_day_off(dossier)
    collect(portal)
    call_command("load_questions", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115 ends with the process
    return {
        "partner": _credential("LGSP Hà Giang", CALLS_A_MINUTE),
        "slow_partner": _credential("Chậm", CALLS_A_MINUTE_OF_THE_SLOW),
        "agency": people.ward().code,
        "unit": people.ward_desk().code,
        "outside_unit": people.department().code,
        "procedure": people.a_procedure().code,
        "procedure_with_papers": procedure.code,
        "field": people.a_field().code,
        "commune": "21583",
        "due_on_a_day_off": [str(dossier.uuid) for dossier in due_on_a_day_off],
    }


def _credential(name: str, rate: int) -> dict[str, str]:
    from onestop.partners.credentials import issue
    from tests import people

    partner = people.a_partner(name=name)
    partner.rate_per_minute = rate
    partner.save(update_fields=["rate_per_minute"])
    return issue(partner).as_json()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
