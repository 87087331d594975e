"""What pages say of the calendar."""

from __future__ import annotations

from django import template
from django.utils import timezone

from onestop.catalog.calendar import years_only_expected

register = template.Library()


@register.simple_tag
def years_missing() -> list[int]:
    """This year or the next, where their public holidays are neither announced nor on record."""
    return years_only_expected(timezone.now())
