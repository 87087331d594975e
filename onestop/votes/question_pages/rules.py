"""Who may keep which set of questions. The rights are those of Django's admin, and so is their scope."""

from __future__ import annotations

from django.db.models import Q

from onestop.staff.access import permission
from onestop.staff.models import User
from onestop.votes.models import QuestionSet, QuestionSetQuerySet


@permission("set_questions")
def may_set_questions(user: User) -> bool:
    return user.has_perm("votes.change_questionset")


def sets_seen_by(user: User) -> QuestionSetQuerySet:
    """The sets of the agencies that `user` oversees, and those of no agency, which apply to all."""
    sets = QuestionSet.objects.all()
    if user.is_superuser:
        return sets
    return sets.filter(Q(agency=None) | Q(agency__in=user.agencies.order_by().values("pk")))


def may_change_set(user: User, question_set: QuestionSet) -> bool:
    agency = question_set.agency
    return may_set_questions(user) and (user.is_superuser or (agency is not None and user.oversees(agency)))
