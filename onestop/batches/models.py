"""The same move for many dossiers: the user, the dossiers, and the outcome of each."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from onestop.dossiers.models import Dossier, Move, Transition, move_choices
from onestop.staff.models import User


class BatchQuerySet(models.QuerySet["Batch"]):
    def unfinished_of(self, user: User) -> Self:
        """The user's batches that have begun and not ended; `left` is the number of dossiers that still wait."""
        begun = self.filter(user=user, begun_at__isnull=False, ended_at=None)
        return begun.annotate(left=Count("items", filter=Q(items__outcome=Outcome.WAITING)))


class Batch(models.Model):
    """A batch is proposed, then begun, then ended: done, or stopped by its user. Only its user sees and runs it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    move = models.CharField(_("thao tác"), max_length=20, choices=move_choices)
    # The values of the move's form, the same for all dossiers.
    typed = models.JSONField(default=dict)
    proposed_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("thao tác hàng loạt")
        verbose_name_plural = _("thao tác hàng loạt")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(Move(self.move).label)


class Outcome(models.TextChoices):
    WAITING = "waiting", _("chưa thực hiện")
    DONE = "done", _("thành công")
    REFUSED = "refused", _("lỗi")


class Item(models.Model):
    """One dossier of a batch. `said`: why the move was refused, in the user's language at that time.

    `transition`: the move that was made; in a batch that undoes, first the move to be undone.
    """

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items", db_index=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+")
    outcome = models.CharField(_("kết quả"), max_length=7, choices=Outcome, default=Outcome.WAITING)
    said = models.TextField(_("lý do"), blank=True)
    transition = models.ForeignKey(Transition, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("hồ sơ của thao tác hàng loạt")
        verbose_name_plural = _("hồ sơ của thao tác hàng loạt")
        ordering = ["pk"]
        indexes = [models.Index(fields=["batch", "outcome", "id"])]
        constraints = [models.UniqueConstraint(fields=["batch", "dossier"], name="once_in_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch}: {self.dossier}"
