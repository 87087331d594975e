"""Who may keep which ready text. The rights are those of Django's admin, and so is their scope."""

from __future__ import annotations

from django.db.models import Q

from onestop.dossiers.models import ReadyText, ReadyTextQuerySet
from onestop.staff.access import permission
from onestop.staff.models import User


@permission("set_texts")
def may_set_texts(user: User) -> bool:
    return user.has_perm("dossiers.change_readytext")


def texts_seen_by(user: User) -> ReadyTextQuerySet:
    """The texts of the agencies that `user` oversees, and those of no agency, which apply to all."""
    texts = ReadyText.objects.all()
    if user.is_superuser:
        return texts
    return texts.filter(Q(agency=None) | Q(agency__in=user.agencies.order_by().values("pk")))


def may_change_text(user: User, text: ReadyText) -> bool:
    """Only superusers change a text of no agency: it applies to offices that others administer."""
    return may_set_texts(user) and (user.is_superuser or (text.agency is not None and user.oversees(text.agency)))
