"""What the frame of every page needs, also of those that tell of an error."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.shortcuts import resolve_url

register = template.Library()


@register.simple_tag
def home_address() -> str:
    """The first page, where signing in leads."""
    return resolve_url(settings.LOGIN_REDIRECT_URL)
