"""Figures as published: frozen, whatever history says later; a changed past makes a further revision."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency

from .periods import Period


class Publication(models.Model):
    """One level-1 agency's figures of one month (or, month 0, year), with the ratings of the same days.

    The counts are defined in `figures`. `tallies` is a list of {"question", "very_good", "good", "bad"}.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("cơ quan"))
    year = models.PositiveSmallIntegerField(_("năm"))
    month = models.PositiveSmallIntegerField(_("tháng (0: cả năm)"), default=0)
    revision = models.PositiveSmallIntegerField(_("lần công bố"), default=1)
    published_at = models.DateTimeField(_("công bố lúc"))

    carried_over = models.PositiveIntegerField(_("tồn kỳ trước"))
    new_reception = models.PositiveIntegerField(_("nhận trong kỳ"))
    solved_in_time = models.PositiveIntegerField(_("giải quyết đúng hạn"))
    solved_late = models.PositiveIntegerField(_("giải quyết trễ hạn"))
    pending = models.PositiveIntegerField(_("đang giải quyết, chưa đến hạn"))
    pending_late = models.PositiveIntegerField(_("đang giải quyết, quá hạn"))

    ballots = models.PositiveIntegerField(_("số phiếu đánh giá"))
    tallies = models.JSONField(_("kết quả từng câu hỏi"), default=list)

    class Meta:
        verbose_name = _("số liệu công bố")
        verbose_name_plural = _("số liệu công bố")
        ordering = ["-year", "-month", "agency", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "year", "month", "revision"], name="one_publication_per_revision"
            ),
            models.CheckConstraint(name="publication_month", condition=Q(month__lte=12)),
            models.CheckConstraint(
                name="publication_adds_up",
                condition=Q(
                    carried_over=models.F("solved_in_time")
                    + models.F("solved_late")
                    + models.F("pending")
                    + models.F("pending_late")
                    - models.F("new_reception")
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.period} #{self.revision}"

    @property
    def period(self) -> Period:
        return Period(self.year, self.month)
