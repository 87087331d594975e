"""What happened to a dossier: its moves, its due dates, and that the figures have not counted it yet."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.models import Agency, Procedure
from onestop.common.input.columns import LineColumn, LinesColumn, LongTextColumn
from onestop.partners.models import Partner
from onestop.staff.models import User

from .dossier import Dossier
from .states import State, move_choices


class AppendOnlyError(TypeError):
    """An attempt to change history. Correct a wrong move with `lifecycle.reopen`."""


class TransitionQuerySet(models.QuerySet["Transition"]):
    def update(self, **kwargs: object) -> NoReturn:
        raise AppendOnlyError("transitions are never changed")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("transitions are never deleted")


class Transition(models.Model):
    """One move of one dossier, never changed afterwards. It is also the outbox: what is reported is found here.

    `facts` holds what the move set and a later one might overwrite. `accepted`: the dossier had been accepted by
    then (so it had a code).
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="transitions", verbose_name=_("hồ sơ"))
    move = models.CharField(_("việc"), max_length=20, choices=move_choices)
    from_state = models.PositiveSmallIntegerField(_("từ trạng thái"), choices=State, null=True, blank=True)
    to_state = models.PositiveSmallIntegerField(_("sang trạng thái"), choices=State)
    at = models.DateTimeField(_("lúc"))
    accepted = models.BooleanField(_("đã tiếp nhận"))
    actor = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("người thực hiện")
    )
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("đối tác")
    )
    actor_name = LineColumn(_("tên người thực hiện"), max_length=500)
    actor_position = LineColumn(_("chức vụ"), max_length=150, blank=True)
    unit = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("đơn vị"))
    comment = LongTextColumn(_("nội dung"), blank=True)
    facts = models.JSONField(_("dữ kiện"), default=dict, blank=True)
    # Of a correction: the move that was recorded with a wrong moment, and the right one.
    corrects = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="corrections",
        db_index=False,
        verbose_name=_("sửa bước"),
    )
    corrected_at = models.DateTimeField(_("thời điểm đúng"), null=True, blank=True)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("bước xử lý")
        verbose_name_plural = _("bước xử lý")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "at"]),
            # Few among all: the figures ask for them.
            models.Index(
                fields=["corrects", "id"], condition=Q(corrects__isnull=False), name="transition_of_correction"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="transition_corrects_with_moment",
                condition=Q(corrects=None, corrected_at=None) | Q(corrects__isnull=False, corrected_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_move_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError("transitions are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnlyError("transitions are never deleted")


class StatsQueue(models.Model):
    """That a dossier's history has grown since the figures were last brought up to date.

    A queue, written together with the move. Whoever counts takes its rows away with the counting, so that a move
    which commits late is counted late, and none is counted twice.
    """

    # No index and no constraint to look after: rows come and go, and are read in the order in which they came.
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("hồ sơ chờ thống kê")
        verbose_name_plural = _("hồ sơ chờ thống kê")

    def __str__(self) -> str:
        return str(self.dossier)


class DueDate(models.Model):
    """A due instant (hạn trả) and since when it held. Every one that was ever in force is kept.

    One that was counted from a whole limit keeps the name and the limit of the procedure as they were then (see
    `promises`); one that was moved by what was left, or set, has none of its own and an empty name.
    """

    class Why(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("cause of a due date", "tiếp nhận")
        SUPPLEMENT = "supplement", pgettext_lazy("cause of a due date", "nhận bổ sung")
        PAYMENT = "payment", _("đã nộp tiền")
        EXTENSION = "extension", _("gia hạn")
        DAY_OFF = "day_off", _("dời khỏi ngày nghỉ")
        # With it all due dates are written again, as they follow from the moments put right; those before it are void.
        CORRECTED = "corrected", _("sửa thời điểm")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="due_dates", verbose_name=_("hồ sơ"))
    due_at = models.DateTimeField(_("hẹn trả"), null=True, blank=True)
    since = models.DateTimeField(_("có hiệu lực từ"))
    why = models.CharField(_("lý do"), max_length=10, choices=Why)
    calendar_known = models.BooleanField(_("đã có lịch nghỉ lễ của các năm liên quan"), default=True)
    procedure_name = LineColumn(_("tên thủ tục khi hẹn"), max_length=2000, blank=True)
    limit = models.DecimalField(_("thời hạn khi hẹn"), max_digits=7, decimal_places=2, null=True, blank=True)
    limit_unit = models.CharField(_("đơn vị thời hạn"), max_length=12, choices=Procedure.Unit, blank=True)
    limit_text = LinesColumn(_("thời hạn bằng lời"), max_length=1000, blank=True)
    count_from_next_day = models.BooleanField(_("tính từ ngày làm việc tiếp theo"), default=False)
    next_day_after = models.TimeField(_("nhận sau giờ này thì tính từ ngày làm việc tiếp theo"), null=True, blank=True)

    class Meta:
        verbose_name = _("hạn trả kết quả")
        verbose_name_plural = _("hạn trả kết quả")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "since"]),
            models.Index(fields=["dossier", "id"], condition=Q(why="corrected"), name="duedate_corrected"),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.due_at or '—'}"
