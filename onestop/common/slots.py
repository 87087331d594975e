"""Slots: places in a page that apps above the page's own app fill.

A template names the slot, `{% slot "dossier-page" dossier %}`; an app above fills it from its `slots.py`:

    @fills("dossier-page")
    def packets_of(request: HttpRequest, dossier: Dossier) -> str: ...

So no template names an app above its own. A slot that no app fills shows nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache

from django import template
from django.utils.html import format_html_join
from django.utils.module_loading import autodiscover_modules
from django.utils.safestring import SafeString

# Takes the request and the arguments of the template's tag. Its text is escaped unless it is a SafeString.
Filler = Callable[..., str]

register = template.Library()
_FILLERS: defaultdict[str, list[Filler]] = defaultdict(list)


def fills(slot: str) -> Callable[[Filler], Filler]:
    """Registers a function for `slot`, after the functions of the apps below."""

    def registered(filler: Filler) -> Filler:
        _FILLERS[slot].append(filler)
        return filler

    return registered


@cache
def load_all() -> None:
    """Imports every app's `slots.py` in the order of INSTALLED_APPS, which is the order of the floors."""
    autodiscover_modules("slots")


def filled_slots() -> set[str]:
    """The names of all slots that some app fills."""
    load_all()
    return set(_FILLERS)


@register.simple_tag(takes_context=True, name="slot")
def render_slot(context: template.Context, slot: str, *arguments: object) -> SafeString:
    load_all()
    request = context["request"]
    return format_html_join("", "{}", ((filler(request, *arguments),) for filler in _FILLERS[slot]))
