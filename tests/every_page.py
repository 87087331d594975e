"""Lists of Django's admin in every way in which they can be narrowed, sought through and sorted."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from onestop.staff.models import User


def admin_lists(user: User) -> Iterator[tuple[str, str]]:
    """Name and address of each, as `user` sees them: by each filter's first and last choice, by each column."""
    request = RequestFactory().get("/")
    request.user = user
    for model, model_admin in admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        address = reverse(f"admin:{label}_changelist")
        shown = model_admin.get_changelist_instance(request)
        ways: dict[str, str] = {}
        for spec in shown.filter_specs:
            _all, *choices = spec.choices(shown)
            for choice in choices[:1] + choices[-1:]:
                ways[f"filter {spec.title}: {choice['display']}"] = str(choice["query_string"])
        if model_admin.get_search_fields(request):
            ways |= {f"q={text}": f"?q={text}" for text in ("an", "nguyen+van", "zzzz")}
        ways |= {
            f"by {name}": f"?o={number}"
            for number, name in enumerate(shown.list_display)
            if name in (shown.sortable_by or ()) and shown.get_ordering_field(name)
        }
        if shown.paginator.num_pages >= 3:
            ways["page 3"] = "?p=3"
        yield from ((f"admin {label}, {way}", address + query) for way, query in ways.items())
