"""Tables whose rows are written once."""

from __future__ import annotations

from typing import Any, Generic, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class AppendOnlyError(TypeError):
    """An attempt to change or delete a row that is kept as it was written."""


class WrittenOnce(models.Model):
    """A row that no second `save` changes."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError(f"{type(self).__name__}: rows are never changed")
        super().save(*args, **kwargs)


class AppendOnlyQuerySet(models.QuerySet[M], Generic[M]):
    def update(self, **kwargs: object) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__}: rows are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnlyError(f"{self.model.__name__}: rows are never deleted")


class AppendOnly(WrittenOnce):
    """A row that is neither changed nor deleted. Its manager is to be made from an `AppendOnlyQuerySet`."""

    class Meta:
        abstract = True

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnlyError(f"{type(self).__name__}: rows are never deleted")
