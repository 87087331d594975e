"""Putting right what was written down of an applicant: what may be changed, what is kept of it, who reports it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from onestop.catalog.models import Phase
from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, Move
from onestop.statistics.counting.incremental import catch_up
from onestop.statistics.counting.recount import recount
from onestop.statistics.models import AgencyMonth, ProcedureMonth, Spell
from packets.models import Kind, Packet
from tests import people
from tests.packets.portals import a_portal, collected

pytestmark = pytest.mark.django_db


def test_only_what_changed_is_named_in_history_and_nothing_of_what_it_was_or_is() -> None:
    dossier = people.a_dossier(phone="0901", email="cu@example.vn")
    changes = {"applicant_name": "Đặng Văn Ướt", "phone": "0902", "email": "cu@example.vn"}
    transition = lifecycle.amend(dossier, people.lan(), changes=changes, comment="Gõ nhầm")
    dossier.refresh_from_db()
    assert (dossier.applicant_name, dossier.phone, dossier.email) == ("Đặng Văn Ướt", "0902", "cu@example.vn")
    assert "dang van uot" in dossier.search
    assert transition.facts == {"changed": ["applicant_name", "phone"]}
    assert (transition.move, transition.from_state, transition.to_state) == (Move.AMEND, dossier.state, dossier.state)


@pytest.mark.parametrize("name", ["state", "due_at", "code", "procedure", "agency", "pk", "không có", "search"])
def test_nothing_else_of_a_dossier_is_amended(name: str) -> None:
    dossier = people.a_dossier()
    with pytest.raises(InputRefused) as refused:
        lifecycle.amend(dossier, people.lan(), changes={name: "1", "phone": "0902"})
    assert set(refused.value.fields) == {name}
    assert Dossier.objects.get().phone == ""


@pytest.mark.parametrize("changes", [None, {}, {"phone": "0901"}])
def test_what_changes_nothing_is_no_move(changes: dict[str, str] | None) -> None:
    dossier = people.a_dossier(phone="0901")
    with pytest.raises(InputRefused, match="Không có gì thay đổi"):
        lifecycle.amend(dossier, people.lan(), changes=changes)
    assert not dossier.transitions.filter(move=Move.AMEND).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("applicant_name", " "), ("email", "không phải thư"), ("applicant_kind", "ma"), ("phone", "0" * 31)],
)
def test_what_cannot_be_kept_is_refused_by_field(name: str, value: str) -> None:
    dossier = people.a_dossier()
    with pytest.raises(InputRefused) as refused:
        lifecycle.amend(dossier, people.lan(), changes={name: value})
    assert set(refused.value.fields) == {name}


def test_files_may_be_added_alone_and_keep_the_phase_they_belong_to() -> None:
    dossier = people.a_dossier()
    transition = lifecycle.amend(dossier, people.lan(), files=[people.a_file()], phase=Phase.SUPPLEMENT)
    assert dossier.attachments.get().phase == Phase.SUPPLEMENT
    assert transition.facts == {}


def test_an_amended_dossier_is_reported_anew() -> None:
    dossier, portal = people.a_dossier(), a_portal()
    collected(portal)
    lifecycle.amend(dossier, people.lan(), changes={"applicant_name": "Đặng Văn Ướt"})
    collected(portal)
    documents = Packet.objects.filter(kind=Kind.DOCUMENT).order_by("pk")
    assert [document.transition.move for document in documents if document.transition] == [Move.ACCEPT, Move.AMEND]
    assert "Đặng Văn Ướt" in str(documents.latest("pk").body)


def figures() -> list[Any]:
    catch_up()
    rows = [row for model in (Spell, AgencyMonth, ProcedureMonth) for row in model._default_manager.values()]
    # A spell that is read anew from history is a new row.
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def test_no_figure_changes_by_it() -> None:
    dossier = people.a_dossier()
    before = figures()
    lifecycle.amend(dossier, people.lan(), changes={"phone": "0902"})
    assert figures() == before
    assert recount().agrees


def test_the_desk_s_form_begins_with_what_is_known_and_keeps_what_is_typed() -> None:
    dossier = people.a_dossier(phone="0901", address="12 Trần Phú")
    address, client = reverse("dossiers:move", args=[dossier.uuid, "amend"]), Client()
    client.force_login(people.lan())
    shown = client.get(address).content.decode()
    assert 'value="0901"' in shown
    assert 'value="12 Trần Phú"' in shown
    typed = {
        "applicant_kind": "citizen",
        "applicant_name": "Đặng Văn Ước",
        "return_method": "post",
        "phone": "0912000222",
    }
    assert client.post(address, typed | {"uploads": [people.a_file()]}).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.phone, dossier.address, dossier.return_method) == ("0912000222", "", "post")
    assert dossier.attachments.count() == 1
    changed = dossier.transitions.get(move=Move.AMEND).facts["changed"]
    assert changed == ["phone", "address", "return_method"]
