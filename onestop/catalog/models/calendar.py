"""Working hours and days off, of one agency or of all."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from onestop.catalog.holidays import DayKind, public_holidays
from onestop.catalog.placements import Placement as Placement
from onestop.common.input.columns import LineColumn

from .agency import Agency


class WorkingHours(models.Model):
    """One working session on one weekday. Rows without an agency are the default for agencies without own rows."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("thứ hai")
        TUESDAY = 1, _("thứ ba")
        WEDNESDAY = 2, _("thứ tư")
        THURSDAY = 3, _("thứ năm")
        FRIDAY = 4, _("thứ sáu")
        SATURDAY = 5, _("thứ bảy")
        SUNDAY = 6, _("chủ nhật")

    agency = models.ForeignKey(
        Agency, models.CASCADE, null=True, blank=True, related_name="working_hours", verbose_name=_("cơ quan")
    )
    weekday = models.PositiveSmallIntegerField(_("ngày trong tuần"), choices=Weekday)
    opens = models.TimeField(_("từ"))
    closes = models.TimeField(_("đến"))

    class Meta:
        verbose_name = _("giờ làm việc")
        verbose_name_plural = _("giờ làm việc")
        ordering = ["agency", "weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                name="working_hours_open_before_close",
                condition=models.Q(opens__lt=models.F("closes")),
                violation_error_message=_("Giờ bắt đầu phải trước giờ kết thúc."),
            ),
            # Two, because a missing agency equals no other in a unique constraint.
            models.UniqueConstraint(fields=["agency", "weekday", "opens"], name="working_hours_once"),
            models.UniqueConstraint(
                fields=["weekday", "opens"], condition=models.Q(agency=None), name="working_hours_default_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"


class CalendarDay(models.Model):
    """A day that differs from its weekday: a public holiday, or a weekend day worked to make up for one.

    For a year without a recorded day, the public holidays of the program count. The first day that is recorded for a
    year records these, too: otherwise one local day off would remove Tết from the calendar.
    """

    Kind = DayKind

    date = models.DateField(_("ngày"), unique=True)
    kind = models.CharField(_("loại"), max_length=7, choices=Kind)
    name = LineColumn(_("tên"), max_length=200)
    source = LineColumn(_("văn bản"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("ngày nghỉ, ngày làm bù")
        verbose_name_plural = _("ngày nghỉ, ngày làm bù")
        ordering = ["date"]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.date = CalendarDay._meta.get_field("date").to_python(self.date)
            if not CalendarDay.objects.filter(date__year=self.date.year).exclude(pk=self.pk).exists():
                CalendarDay.record_public_holidays(self.date.year)

    @staticmethod
    def record_public_holidays(year: int) -> int:
        """Records the missing public holidays of `year`, and returns their number. Changes no recorded day."""
        present = set(CalendarDay.objects.filter(date__year=year).values_list("date", flat=True))
        missing = [CalendarDay(**day._asdict()) for day in public_holidays(year) if day.date not in present]
        # Two processes that record a year at the same time insert the same days.
        CalendarDay.objects.bulk_create(missing, ignore_conflicts=True)
        return len(missing)
