"""The calendar in templates."""

from __future__ import annotations

from django import template
from django.utils import timezone

from onestop.catalog.calendar import years_only_expected

register = template.Library()


@register.simple_tag
def years_missing() -> list[int]:
    """This year and the next, where their public holidays are neither announced nor recorded."""
    return years_only_expected(timezone.now())
