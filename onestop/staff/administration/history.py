"""The history of changes: the rows that Django's admin writes, so that there is one history whatever page was used."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.utils.functional import Promise
from django.utils.translation import override

from onestop.staff.models import User

# On a page; Django's admin shows all.
SHOWN = 20

# Any: a form, and a table, of whatever it is about; a message as Django writes it.
AnyForm = ModelForm[Any]
AnyModel = type[Model]


def note_added(user: User, row: Model) -> None:
    _note(user, row, ADDITION, [{"added": {}}])


def note_form(user: User, row: Model, form: AnyForm, fields: Collection[str] | None = None) -> None:
    """Notes which fields of `form`, of `fields` alone if they are named, have changed; nothing where none has."""
    changed = [name for name in form.changed_data if fields is None or name in fields]
    if changed:
        note_changed(user, row, *(_label(row, form, name) for name in changed))


def note_changed(user: User, row: Model, *what: str | Promise) -> None:
    """`what`: the names of what has changed, as lazy texts of the source language, like the labels of fields."""
    with override(None):
        _note(user, row, CHANGE, [{"changed": {"fields": [str(each) for each in what]}}])


def note_deleted(user: User, row: Model) -> None:
    """To be called before the row is deleted."""
    _note(user, row, DELETION, [])


def history_of(row: Model) -> QuerySet[LogEntry]:
    return _history(type(row)).filter(object_id=str(row.pk))[:SHOWN]


def history_of_all(model: AnyModel) -> QuerySet[LogEntry]:
    """The latest changes of all rows of `model`."""
    return _history(model)[:SHOWN]


def _history(model: AnyModel) -> QuerySet[LogEntry]:
    of_model = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
    return of_model.select_related("user").order_by("-action_time", "-pk")


def _label(row: Model, form: AnyForm, name: str) -> str | Promise:
    """The name of the column, which is a text of the catalogue; the label of a form may begin with a capital."""
    column = next((field for field in row._meta.fields if field.name == name), None)
    return column.verbose_name if column else form.fields[name].label or name


def _note(user: User, row: Model, act: int, message: list[Any]) -> None:
    LogEntry.objects.log_actions(user.pk, [row], act, message, single_object=True)
