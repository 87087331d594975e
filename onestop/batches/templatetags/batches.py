"""What the list of dossiers tells of batches."""

from __future__ import annotations

from django import template

from onestop.batches.models import Batch
from onestop.staff.models import User

register = template.Library()


@register.simple_tag(takes_context=True)
def unfinished_batches(context: template.Context) -> list[Batch]:
    user = context["user"]
    return list(Batch.objects.unfinished_of(user)) if isinstance(user, User) else []
