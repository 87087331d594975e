"""Every table of rows that are written once refuses to change them, by row and by query."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from onestop.common.append_only import AppendOnly, AppendOnlyError, WrittenOnce

WRITTEN_ONCE = [model for model in apps.get_models() if issubclass(model, WrittenOnce)]
APPEND_ONLY = [model for model in apps.get_models() if issubclass(model, AppendOnly)]


def test_the_history_is_among_them() -> None:
    assert {model.__name__ for model in WRITTEN_ONCE} == {"Attempt", "InternalNote", "PortalChange", "Transition"}
    assert {model.__name__ for model in APPEND_ONLY} == {"InternalNote", "Transition"}


@pytest.mark.parametrize("model", WRITTEN_ONCE)
def test_a_row_is_not_saved_again(model: type[models.Model]) -> None:
    with pytest.raises(AppendOnlyError):
        model(pk=1).save()


@pytest.mark.parametrize("model", APPEND_ONLY)
def test_no_row_is_deleted_and_no_query_changes_rows(model: type[models.Model]) -> None:
    with pytest.raises(AppendOnlyError):
        model(pk=1).delete()
    with pytest.raises(AppendOnlyError):
        model._default_manager.update(pk=2)
    with pytest.raises(AppendOnlyError):
        model._default_manager.all().delete()
