"""In whose name a result is decided. At the desk nobody types a name; a partner's system names its own.

A new case is one line of `CASES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse

from onestop.batches.models import Item, Outcome
from onestop.catalog.models import Agency
from onestop.common.errors import InputRefused
from onestop.dossiers import lifecycle
from onestop.dossiers.documents import FormKind, print_form
from onestop.dossiers.documents.forms import control_slip, refusal
from onestop.dossiers.lifecycle.approving import approvers
from onestop.dossiers.models import Dossier, Move, State, Transition
from onestop.partners.scopes import ApiScope
from onestop.staff.models import Role, User
from tests import people
from tests.api.caller import caller
from tests.batches.test_batches import proposed, worked_off
from tests.dossiers.documents.test_documents import sheets

pytestmark = pytest.mark.django_db

Person = Callable[[], User]


def desk_leader() -> User:
    """Leads the unit below the ward."""
    return people.a_person("tinh", Role.MANAGER, people.ward_desk(), full_name="Vũ Tình", position="Tổ trưởng")


def province_leader() -> User:
    return people.a_person("long", Role.MANAGER, people.province(), full_name="Lò Long", position="Phó Chủ tịch tỉnh")


def department_leader() -> User:
    return people.a_person("sen", Role.MANAGER, people.department(), full_name="Đinh Sen", position="Giám đốc")


def neighbour_leader() -> User:
    ward = people.an_agency("H22.102", "UBND phường Minh Khai", people.province(), Agency.Level.COMMUNE)
    return people.a_person("dung", Role.MANAGER, ward, full_name="Bế Dũng", position="Chủ tịch")


def foreign_leader() -> User:
    return people.a_person("tam", Role.MANAGER, people.another_province(), full_name="Hồ Tâm", position="Chủ tịch")


def gone_leader() -> User:
    return people.a_person(
        "cuu", Role.MANAGER, people.ward(), full_name="Mã Cứu", position="Chủ tịch", is_active=False
    )


def other_officer() -> User:
    return people.a_person("khoa", Role.OFFICER, people.ward(), full_name="Cao Khoa", position="Công chức")


# Who records it, in whose name; right answer: whether it is taken. The dossier is the ward's.
CASES: list[tuple[Person, Person | None, bool]] = [
    (people.ha, None, True),
    (people.ha, people.ha, True),
    (people.ha, province_leader, True),
    (people.binh, people.ha, True),
    (people.binh, province_leader, True),
    (people.binh, None, True),
    (people.binh, people.binh, True),
    (people.root, people.ha, True),
    (people.binh, other_officer, False),
    (people.ha, people.binh, False),
    (people.binh, people.lan, False),
    (people.binh, people.tu, False),
    (people.binh, people.thanh, False),
    (people.binh, people.root, False),
    (people.binh, gone_leader, False),
    (people.binh, desk_leader, False),
    (people.binh, department_leader, False),
    (people.binh, neighbour_leader, False),
    (people.binh, foreign_leader, False),
]


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def move_page(dossier: Dossier, move: Move) -> str:
    return reverse("dossiers:move", args=[dossier.uuid, move.value])


@pytest.mark.parametrize("move", [Move.APPROVE, Move.DENY])
@pytest.mark.parametrize(("recorder", "approver", "taken"), CASES)
def test_a_result_is_decided_in_the_name_of_one_who_may(
    recorder: Person, approver: Person | None, taken: bool, move: Move
) -> None:
    dossier, person = people.a_dossier_in(State.IN_PROGRESS), recorder()
    chosen = approver() if approver else None
    if not taken:
        with pytest.raises(InputRefused) as error:
            lifecycle.MAKE[move](dossier, person, comment="Lý do", approver=chosen)
        assert [*error.value.fields] == ["approver"]
        assert Dossier.objects.get(pk=dossier.pk).state == State.IN_PROGRESS
        return
    lifecycle.MAKE[move](dossier, person, comment="Lý do", approver=chosen)
    signed = chosen or person
    dossier.refresh_from_db()
    assert (dossier.approver_name, dossier.approver_position) == (signed.full_name, signed.position)
    made = dossier.transitions.get(move=move)
    assert (made.actor, made.facts["approver_id"]) == (person, signed.pk)


@pytest.mark.parametrize("move", [Move.APPROVE, Move.DENY])
@pytest.mark.parametrize(("recorder", "approver", "taken"), CASES)
def test_the_desk_offers_exactly_those(recorder: Person, approver: Person | None, taken: bool, move: Move) -> None:
    dossier, person = people.a_dossier_in(State.IN_PROGRESS), recorder()
    chosen = approver() if approver else person
    assert approvers(dossier, person).filter(pk=chosen.pk).exists() == taken
    typed = {"approver": chosen.pk, "comment": "Lý do"}
    answer = signed_in(person).post(move_page(dossier, move), typed)
    assert answer.status_code == (302 if taken else 200)
    if not taken:
        assert "approver" in answer.context["form"].errors


def test_the_leader_of_the_unit_that_has_the_dossier_decides_it_too() -> None:
    dossier = people.a_dossier()
    lifecycle.hand_over(dossier, people.lan(), unit=people.department(), officer=people.minh())
    offered = approvers(dossier, people.minh())
    leaders = [department_leader(), people.ha(), province_leader()]
    assert set(offered) == {*leaders, people.minh()}
    lifecycle.approve(dossier, people.minh(), approver=department_leader())
    assert dossier.approver_name == "Đinh Sen"


@pytest.mark.parametrize("name", ["approver_name", "approver_position"])
@pytest.mark.parametrize("actor", [people.binh, people.ha, people.root, lambda: None])
def test_nobody_but_a_partner_may_type_an_approver(actor: Callable[[], User | None], name: str) -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    with pytest.raises(InputRefused):
        lifecycle.MAKE[Move.APPROVE](dossier, actor(), **{name: "Chủ tịch Phạm Hà"})
    assert not dossier.transitions.filter(move=Move.APPROVE).exists()


def test_what_is_typed_at_the_desk_changes_nothing() -> None:
    """The fields that were there before are posted beside the choice."""
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    typed = {"approver": people.binh().pk, "approver_name": "Phạm Hà", "approver_position": "Chủ tịch"}
    assert signed_in(people.binh()).post(move_page(dossier, Move.APPROVE), typed).status_code == 302
    dossier.refresh_from_db()
    assert (dossier.approver_name, dossier.approver_position) == ("Lê Bình", "Công chức tư pháp")


def test_a_leader_finds_themself_chosen_and_an_officer_must_choose() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    for person, chosen in ((people.ha(), people.ha().pk), (people.binh(), None)):
        form = signed_in(person).get(move_page(dossier, Move.APPROVE)).context["form"]
        assert form.initial.get("approver") == chosen
        assert form.fields["approver"].required


def test_the_name_is_that_of_the_time_of_the_decision() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    lifecycle.approve(dossier, people.binh(), approver=people.ha())
    User.objects.filter(pk=people.ha().pk).update(full_name="Phạm Thị Hà", position="Bí thư")
    dossier.refresh_from_db()
    assert (dossier.approver_name, dossier.approver_position) == ("Phạm Hà", "Chủ tịch")
    step = dossier.transitions.get(move=Move.APPROVE)
    assert (step.facts["approver"], step.facts["approver_position"]) == ("Phạm Hà", "Chủ tịch")


def test_many_at_once_are_decided_in_the_name_of_one_who_may_for_each() -> None:
    """The choice is offered for the first of them; another agency's is left, and told why."""
    own = people.a_dossier_in(State.IN_PROGRESS, applicant_name="Của phường")
    other = people.a_dossier(agency=people.department(), by=people.root(), applicant_name="Của sở")
    client = signed_in(people.root())
    batch = proposed(client, Move.APPROVE, own, other)
    first = Item.objects.filter(batch=batch).select_related("dossier__agency")[0].dossier
    leader = {"H22.101": people.ha(), "H22.001": department_leader()}[first.agency.code]
    came_out = worked_off(client, batch, approver=leader.pk)
    assert sorted(came_out.values()) == [Outcome.DONE, Outcome.REFUSED]
    assert came_out[first.applicant_name] == Outcome.DONE


# ---- told who recorded it, or which partner told it


def page_of(dossier: Dossier) -> str:
    return signed_in(people.ha()).get(reverse("dossiers:detail", args=[dossier.uuid])).content.decode()


def printed(dossier: Dossier, kind: FormKind, move: Move) -> str:
    told = dossier.transitions.get(move=move)
    return " ".join(sheet.text for sheet in sheets(print_form(dossier, kind, told, people.ha())))


def denied_by_partner() -> Dossier:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    body = {"comment": "Không đủ", "approver_name": "Phạm Hà", "approver_position": "Chủ tịch"}
    answer = caller(ApiScope.DOSSIERS_MOVE).post(f"dossiers/{dossier.uuid}/deny", body)
    assert answer.status_code == 200
    dossier.refresh_from_db()
    return dossier


def denied_by_officer() -> Dossier:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    lifecycle.deny(dossier, people.binh(), comment="Không đủ", approver=people.ha())
    return dossier


def denied_by_leader() -> Dossier:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    lifecycle.deny(dossier, people.ha(), comment="Không đủ")
    return dossier


TOLD = "theo thông báo của hệ thống LGSP Hà Giang"
RECORDED = "Lê Bình ghi nhận"
# Who decided; what the dossier's page must tell, and what it must not.
SHOWN: list[tuple[Callable[[], Dossier], list[str], list[str]]] = [
    (denied_by_partner, [TOLD, "Phạm Hà, Chủ tịch"], ["ghi nhận)"]),
    (denied_by_officer, [RECORDED, "Phạm Hà, Chủ tịch"], ["theo thông báo"]),
    (denied_by_leader, ["Phạm Hà, Chủ tịch"], ["ghi nhận)", "theo thông báo"]),
]


@pytest.mark.parametrize(("decided", "told", "not_told"), SHOWN)
def test_the_page_tells_who_recorded_it_or_which_partner_told_it(
    decided: Callable[[], Dossier], told: list[str], not_told: list[str]
) -> None:
    shown = page_of(decided())
    assert [text for text in told if text not in shown] == []
    assert [text for text in not_told if text in shown] == []


@pytest.mark.parametrize(("kind", "move"), [(refusal.KIND, Move.DENY), (control_slip.KIND, Move.DENY)])
def test_papers_tell_what_a_partner_told_as_that(kind: FormKind, move: Move) -> None:
    on_paper = " ".join(printed(denied_by_partner(), kind, move).split())
    assert f"Người duyệt: Phạm Hà, Chủ tịch ({TOLD})" in on_paper


@pytest.mark.parametrize("kind", [refusal.KIND, control_slip.KIND])
def test_papers_tell_in_whose_name_an_officer_recorded_it(kind: FormKind) -> None:
    on_paper = " ".join(printed(denied_by_officer(), kind, Move.DENY).split())
    assert "Người duyệt: Phạm Hà, Chủ tịch" in on_paper
    assert "theo thông báo" not in on_paper


def test_a_decision_from_before_this_rule_is_told_by_the_names_it_has() -> None:
    dossier = people.a_dossier_in(State.IN_PROGRESS)
    made = lifecycle.approve(dossier, people.binh())
    old: dict[str, Any] = {"approved": True, "approver": "Phó Chủ tịch Y"}
    # As it stood in such a database: history cannot be changed by the product itself.
    QuerySet(Transition).update(facts=old)
    Dossier.objects.filter(pk=dossier.pk).update(approver_name="Phó Chủ tịch Y")
    assert made.actor == people.binh()
    assert RECORDED in page_of(dossier)


def test_the_history_names_the_partner_whose_system_made_a_move() -> None:
    dossier = people.a_dossier()
    lifecycle.start(dossier, people.a_colleague())
    assert "Hoàng Yến, Chuyên viên · hệ thống LGSP Hà Giang" in page_of(dossier)
