"""In whose name a result is decided: at the desk a chosen user, at a partner the person whom its system names.

The agency's leaders sign a result, or an officer in their own name if that was delegated to them. So the approver is
chosen at the desk, not typed: an officer could otherwise decide in the chairman's name, and nothing would show it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from onestop.common.errors import InputRefused, sentence
from onestop.dossiers.models import Dossier, Move, Transition
from onestop.partners.models import Actor, PartnerActor
from onestop.staff.models import Role, User

DECISIONS = (Move.APPROVE, Move.DENY)


@dataclass(frozen=True)
class Approval:
    """Name and position at the time of the decision. `facts`: what its transition stores about the approver."""

    name: str
    position: str
    facts: dict[str, object] = field(default_factory=dict)


def approvers(dossier: Dossier, actor: User) -> QuerySet[User]:
    """The people in whose name `actor` may record a result: themselves, and the leaders who see the dossier.

    Those leaders work at the dossier's agency, at the unit that has it, or at an agency above. The nearest come first.
    """
    above = {int(key) for path in (dossier.agency.path, dossier.unit.path) for key in path.split("/") if key}
    leaders = Q(role=Role.MANAGER, agency__in=above)
    return User.objects.filter(leaders | Q(pk=actor.pk), is_active=True).order_by(
        Length("agency__path").desc(), "full_name", "username"
    )


def approval(dossier: Dossier, actor: Actor | None, approver: User | None, name: str, position: str) -> Approval:
    """Who decides: for a user `approver` or the user; for a partner the person it names; for the system the unit.

    Raises InputRefused (`approver`) for a person who may not, and for a name that is typed by a user.
    """
    if isinstance(actor, PartnerActor):
        # Without a position, that of the colleague who acts, unless another person is named.
        position = position or ("" if name else actor.position)
        return Approval(name or actor.full_name, position, {"approver_told_by": actor.partner.name})
    if name or position:
        raise InputRefused(
            {"approver": _("Người ký duyệt được chọn trong danh sách cán bộ của cơ quan, không nhập tên.")}
        )
    if actor is None:
        return Approval(dossier.unit.name, "")
    person = actor
    if approver is not None and approver.pk != actor.pk:
        chosen = approvers(dossier, actor).filter(pk=approver.pk).first()
        if chosen is None:
            message = _(
                "%(person)s không có thẩm quyền ký duyệt hồ sơ này: không phải lãnh đạo đang làm việc của cơ quan này."
            )
            raise InputRefused({"approver": sentence(message, person=approver)})
        person = chosen
    return Approval(str(person), person.position, {"approver_id": person.pk})


@dataclass(frozen=True)
class Decision:
    """Who decided, as pages and papers show it. At most one of the other two is set.

    `recorded_by`: the person who recorded it, where that is another. `sent_by`: the partner whose system sent it.
    """

    name: str
    position: str
    recorded_by: str = ""
    sent_by: str = ""

    def __str__(self) -> str:
        return f"{self.name}, {self.position}" if self.position else self.name


def decision_in(transition: Transition) -> Decision | None:
    """The decision that a move made; None for a move that decides nothing."""
    if transition.move not in DECISIONS:
        return None
    facts = transition.facts
    name, position = facts.get("approver", transition.actor_name), facts.get("approver_position", "")
    if transition.partner_id is not None:
        return Decision(name, position, sent_by=facts.get("approver_told_by") or str(transition.partner))
    # Older moves did not store the approver's key: only the names show whether the actor was the approver.
    same = facts.get("approver_id", transition.actor_id) == transition.actor_id and name == transition.actor_name
    return Decision(name, position, recorded_by="" if same else transition.actor_name)
