"""Template tags for the frame of every page, error pages included."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.shortcuts import resolve_url

from onestop.staff.guide import topics

register = template.Library()


@register.simple_tag
def home_address() -> str:
    """The address of the first page, which users see after signing in."""
    return resolve_url(settings.LOGIN_REDIRECT_URL)


@register.simple_tag(takes_context=True)
def help_address(context: template.Context) -> str:
    """The address of what the guide says about the page that is shown."""
    return topics.help_address(context["request"])
