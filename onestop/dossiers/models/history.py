"""The history of a dossier: its moves, its due dates, and the queue of moves that the figures have not counted yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.models import Agency, Procedure
from onestop.common.append_only import AppendOnly, AppendOnlyQuerySet
from onestop.common.input.columns import LineColumn, LinesColumn, LongTextColumn
from onestop.partners.models import Partner
from onestop.staff.models import User

from .dossier import Dossier
from .states import State, move_choices


class TransitionQuerySet(AppendOnlyQuerySet["Transition"]):
    pass


class Transition(AppendOnly):
    """One move of one dossier, never changed afterwards. The table is also the outbox: packets are made from its rows.

    `facts` stores values that the move set and a later move may overwrite. `accepted`: the dossier had been accepted
    at that time, so it had a code.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="transitions", verbose_name=_("hồ sơ"))
    move = models.CharField(_("thao tác"), max_length=20, choices=move_choices)
    from_state = models.PositiveSmallIntegerField(_("từ trạng thái"), choices=State, null=True, blank=True)
    to_state = models.PositiveSmallIntegerField(_("sang trạng thái"), choices=State)
    at = models.DateTimeField(_("thời điểm"))
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
    facts = models.JSONField(_("dữ liệu của bước xử lý"), default=dict, blank=True)
    # For a correction: the move that was recorded with a wrong moment, and the right moment.
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
    # For an undoing: the move that it undid. The two together are as if neither had been made.
    undoes = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("hoàn tác bước"),
    )
    # The dossier's values that the move replaced, by column; empty for moves that cannot be undone.
    overwritten = models.JSONField(null=True, blank=True, editable=False)

    objects = TransitionQuerySet.as_manager()

    class Meta:
        verbose_name = _("bước xử lý")
        verbose_name_plural = _("bước xử lý")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["dossier", "at"]),
            # For the log of all moves, the latest first.
            models.Index(fields=["at", "id"]),
            # Corrections are few among all moves, and the figures read them.
            models.Index(
                fields=["corrects", "id"], condition=Q(corrects__isnull=False), name="transition_of_correction"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="transition_corrects_with_moment",
                condition=Q(corrects=None, corrected_at=None) | Q(corrects__isnull=False, corrected_at__isnull=False),
            ),
            # Partial, because few moves are undone: the figures ask of each move whether it was.
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(undoes__isnull=False), name="transition_undone_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_move_display()}"


def effective(moves: Iterable[Transition]) -> list[Transition]:
    """Those that count: neither undone nor the undoing of another. `moves`: of one dossier, to its last."""
    moves = list(moves)
    undone = {move.undoes_id for move in moves if move.undoes_id}
    return [move for move in moves if move.undoes_id is None and move.pk not in undone]


class StatsQueue(models.Model):
    """A dossier with a move that the figures have not counted yet.

    A queue, written together with the move. A process that counts removes the rows in the same transaction, so that a
    move which commits late is counted late, and no move is counted twice.
    """

    # Without index and constraint, which would cost time: rows are only added, read in their order, and removed.
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        verbose_name = _("hồ sơ chờ thống kê")
        verbose_name_plural = _("hồ sơ chờ thống kê")

    def __str__(self) -> str:
        return str(self.dossier)


class DueDate(models.Model):
    """A due instant (hạn trả) and since when it is in force. Every one that was ever in force is kept.

    One that was counted from a whole limit stores the name and the limit of the procedure at that time (see
    `promises`). One that was moved after a pause, or set by a person, has no limit and an empty name.
    """

    class Why(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("cause of a due date", "tiếp nhận")
        SUPPLEMENT = "supplement", pgettext_lazy("cause of a due date", "nhận bổ sung")
        PAYMENT = "payment", _("đã nộp tiền")
        EXTENSION = "extension", _("gia hạn")
        DAY_OFF = "day_off", _("dời khỏi ngày nghỉ")
        # The first of the due dates that a correction of a moment writes again. All earlier due dates are void.
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
