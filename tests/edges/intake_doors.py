"""The doors through which an applicant's data come in, each as one call: the dossier as it is kept.

Raises ValidationError, with all that was answered, where it was not taken.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from onestop.dossiers.models import Dossier
from onestop.partners.models import PartnerActor
from onestop.partners.scopes import ApiScope
from tests import people
from tests.api.caller import caller


def counter(**typed: Any) -> Dossier:
    client = Client()
    client.force_login(people.lan())
    fields = {
        "uuid": str(uuid.uuid4()),
        "channel": "direct",
        "agency": str(people.ward().pk),
        "applicant_kind": "citizen",
        "return_method": "direct",
        "applicant_name": "A",
        **typed,
    }
    answer = client.post(reverse("dossiers:receive", args=[people.a_procedure().code]), fields)
    if answer.status_code == 200:
        raise ValidationError(str(answer.context["form"].errors))
    return Dossier.objects.get(uuid=fields["uuid"])


def amended(**typed: Any) -> Dossier:
    dossier, client = people.a_dossier(), Client()
    client.force_login(people.lan())
    fields = {"applicant_kind": "citizen", "return_method": "direct", "applicant_name": "A", **typed}
    answer = client.post(reverse("dossiers:move", args=[dossier.uuid, "amend"]), fields)
    if answer.status_code == 200:
        raise ValidationError(str(answer.context["form"].errors))
    return Dossier.objects.get(pk=dossier.pk)


def in_the_admin(**typed: Any) -> Dossier:
    dossier, client = people.a_dossier(), Client()
    client.force_login(people.root())
    fields = {"applicant_kind": "citizen", "return_method": "direct", "applicant_name": "A", **typed}
    for inline in ("transitions", "due_dates", "supplements", "papers", "fees", "attachments", "opinions"):
        fields |= {f"{inline}-{part}": "0" for part in ("TOTAL_FORMS", "INITIAL_FORMS")}
    answer = client.post(reverse("admin:dossiers_dossier_change", args=[dossier.pk]), fields)
    if answer.status_code == 200:
        raise ValidationError(str(answer.context["adminform"].form.errors))
    return Dossier.objects.get(pk=dossier.pk)


def row(**typed: Any) -> dict[str, Any]:
    people.a_procedure()
    usual = {"external_id": uuid.uuid4().hex, "procedure": "1.001193", "agency": people.ward().code}
    return {**usual, "channel": "direct", "applicant_name": "A", **typed}


def by_a_partner(**typed: Any) -> Dossier:
    answer = caller().post("dossiers", row(**typed))
    if answer.status_code != 201:
        raise ValidationError(answer.content.decode())
    return Dossier.objects.get(uuid=json.loads(answer.content)["uuid"])


def in_bulk(**typed: Any) -> Dossier:
    body = json.dumps(row(**typed)).encode()
    client: Any = APIClient()
    client.force_authenticate(PartnerActor(people.a_partner(), [ApiScope.DOSSIERS_CREATE]))
    answer = client.generic("POST", reverse("api:bulk"), body, content_type="application/x-ndjson")
    told = json.loads(b"".join(answer.streaming_content).splitlines()[0])
    if told["status"] != "created":
        raise ValidationError(json.dumps(told, ensure_ascii=False))
    return Dossier.objects.get(uuid=told["uuid"])


Door = Callable[..., Dossier]
DOORS: dict[str, Door] = {
    "the counter": counter,
    "an amendment": amended,
    "the admin": in_the_admin,
    "a partner": by_a_partner,
    "a bulk": in_bulk,
}
