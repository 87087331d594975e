"""Template tags for the frame of every page, error pages included."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.shortcuts import resolve_url

register = template.Library()


@register.simple_tag
def home_address() -> str:
    """The address of the first page, which users see after signing in."""
    return resolve_url(settings.LOGIN_REDIRECT_URL)
