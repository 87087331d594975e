"""`python -m tests.fuzz.office FOLDER`: an office to be called; its tokens and its description go into FOLDER."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import django

# Nobody is to be told to slow down here; that has tests of its own.
CALLS_A_MINUTE = 10_000_000


def main(folder: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("spectacular", "--lang", "vi", "--file", str(folder / "openapi.yaml"))
    _fill()
    (folder / "tokens.json").write_text(json.dumps(_tokens()), encoding="utf-8")


def _fill() -> None:
    """A dossier in each state, three with a file, and the packets of all of them."""
    from django.core.management import call_command

    from onestop.dossiers.models import State
    from packets.collecting.collect import collect
    from tests import people
    from tests.packets.portals import a_portal

    portal = a_portal()
    people.ward_desk()
    people.department()
    people.another_province()
    people.two_wards_and_a_commune()
    for state in State:
        people.a_dossier_in(state)
    for name in ("đơn.pdf", "tờ khai.pdf", "đơn (1).pdf"):
        people.a_dossier(files=[people.a_file(name)])
    collect(portal)
    call_command("load_questions", verbosity=0, stdout=open(os.devnull, "w"))  # noqa: SIM115 ends with the process


def _tokens() -> dict[str, str]:
    """`Authorization` by what it opens: nothing, one scope, all."""
    from onestop.partners.scopes import ApiScope
    from tests import people

    partner = people.a_partner()
    partner.rate_per_minute = CALLS_A_MINUTE
    partner.save(update_fields=["rate_per_minute"])
    alone = {scope.value: people.a_token(partner, scope) for scope in ApiScope}
    return {"none": "", **alone, "all": people.a_token(partner)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
