"""The last number of the day, by code identifier."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailySequence(models.Model):
    """The last number of a day that a dossier code has, or that was skipped; locked while the next is taken.

    There is one sequence for each identifier with which codes begin. The few agencies whose identifiers are equal when
    they are padded to the circulars' width share one, so that no code is given twice.
    """

    # An agency's code is padded by up to ten characters.
    identifier = models.CharField(_("mã định danh"), max_length=50)
    day = models.DateField(_("ngày"))
    last = models.PositiveIntegerField(_("số cuối đã cấp"), default=0)

    class Meta:
        verbose_name = _("bộ đếm số hồ sơ")
        verbose_name_plural = _("bộ đếm số hồ sơ")
        constraints = [
            models.UniqueConstraint(fields=["identifier", "day"], name="one_sequence_per_identifier_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.identifier} {self.day} {self.last}"
