"""Internal notes on a dossier, and the news of which a person hears in the head of every page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.common.append_only import AppendOnly, AppendOnlyQuerySet
from onestop.common.input.columns import LineColumn, LinesColumn
from onestop.staff.models import User

from .dossier import Dossier
from .history import Transition
from .states import move_choices


class InternalNote(AppendOnly):
    """What a colleague wrote about a dossier for the office alone (ghi chú nội bộ). Never changed afterwards.

    Only the desk shows it. No printed form, page for citizens, file, packet or answer to a partner contains it.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="internal_notes", verbose_name=_("hồ sơ"))
    author = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("người ghi"))
    author_name = LineColumn(_("tên người ghi"), max_length=500)
    author_position = LineColumn(_("chức vụ"), max_length=150, blank=True)
    at = models.DateTimeField(_("thời điểm"))
    text = LinesColumn(_("nội dung"), max_length=4000)

    objects = AppendOnlyQuerySet["InternalNote"].as_manager()

    class Meta:
        verbose_name = _("ghi chú nội bộ")
        verbose_name_plural = _("ghi chú nội bộ")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.dossier} {self.author_name}"


class NewsItemQuerySet(models.QuerySet["NewsItem"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def mark_read(self, at: datetime) -> int:
        return self.unread().update(read_at=at)

    def expired(self, now: datetime) -> Self:
        return self.filter(at__lt=now - NewsItem.KEPT)


class NewsItem(models.Model):
    """One thing that one person is to hear about one dossier, written in the transaction of what happened.

    `transition` or `note` is what happened, where it was a move or a note.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned", _("vừa được giao cho bạn")
        TO_UNIT = "to_unit", _("vừa chuyển đến đơn vị của bạn, chưa phân công")
        TAKEN_OVER = "taken_over", _("đã chuyển cho người khác xử lý")
        MOVE = "move", pgettext_lazy("kind of news", "thao tác")
        NOTE = "note", pgettext_lazy("kind of news", "ghi chú nội bộ mới")
        PAID = "paid", _("đã thu phí, lệ phí")
        ANSWER = "answer", _("có ý kiến trả lời")

    # How long an item is kept, read or not; `delete_old_news` removes older ones.
    KEPT: Final = timedelta(days=90)

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False, verbose_name=_("người nhận"))
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", db_index=False, verbose_name=_("hồ sơ"))
    kind = models.CharField(_("loại tin"), max_length=10, choices=Kind)
    # Of the kind MOVE: which one.
    move = models.CharField(_("thao tác"), max_length=20, choices=move_choices, blank=True)
    at = models.DateTimeField(_("thời điểm"))
    actor_name = LineColumn(_("tên người thực hiện"), max_length=500)
    transition = models.ForeignKey(
        Transition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("bước xử lý"),
    )
    note = models.ForeignKey(
        InternalNote,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("ghi chú nội bộ"),
    )
    read_at = models.DateTimeField(_("đã đọc lúc"), null=True, blank=True)

    objects = NewsItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("tin mới")
        verbose_name_plural = _("tin mới")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "id"]),
            # The number in the head of every page is counted in this index alone, which holds unread items only.
            models.Index(fields=["user", "dossier"], condition=Q(read_at=None), name="news_unread"),
            models.Index(fields=["at"]),
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.get_kind_display()}"

    @classmethod
    def report(cls, dossier: Dossier, actor: User, kind: Kind) -> None:
        """Adds news for the officer of an act that is no move. To be called in the act's transaction."""
        if dossier.officer_id is not None and dossier.officer_id != actor.pk:
            cls.objects.create(
                user_id=dossier.officer_id, dossier=dossier, kind=kind, at=timezone.now(), actor_name=str(actor)
            )

    @property
    def heading(self) -> str:
        """What happened: the move, or what the kind says."""
        return str(self.get_move_display() if self.kind == self.Kind.MOVE else self.get_kind_display())
