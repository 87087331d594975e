"""Procedures (thủ tục hành chính) with their limits, papers, fees and results."""

from __future__ import annotations

from typing import Any, Self

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.placements import Placement as Placement
from onestop.common.input.columns import LineColumn, LinesColumn, LongTextColumn
from onestop.common.input.text import without_accents

from .agency import Agency, Field


class Phase(models.IntegerChoices):
    """When in a dossier's life a paper is handed over or a fee is due."""

    RECEPTION = 1, _("khi tiếp nhận")
    SUPPLEMENT = 2, _("khi bổ sung")
    RETURN = 3, _("khi trả kết quả")


class SubmissionChannel(models.TextChoices):
    """How a dossier comes in (hình thức nộp hồ sơ)."""

    DIRECT = "direct", _("trực tiếp")
    ONLINE = "online", _("trực tuyến")
    POSTAL = "postal", _("bưu chính")


class ProcedureQuerySet(models.QuerySet["Procedure"]):
    def offered(self) -> Self:
        """The procedures for which the desk may take dossiers."""
        return self.filter(is_active=True)

    def matching(self, text: str) -> Self:
        """The procedures with every word of `text` in their code or name, regardless of accents and case."""
        procedures = self
        for word in without_accents(text).split():
            procedures = procedures.filter(search__contains=word)
        return procedures


class Procedure(models.Model):
    """An administrative procedure (thủ tục hành chính) as published, with its limit, papers and fees.

    `limit` counts `limit_unit`s and may be a fraction (6.25 working days); both are empty where the law gives
    no computable limit, and such a dossier has no due date.
    """

    class Unit(models.TextChoices):
        WORKING_DAYS = "working_days", _("ngày làm việc")
        DAYS = "days", pgettext_lazy("unit of a limit", "ngày")
        HOURS = "hours", _("giờ làm việc")

    class AfterSupplement(models.TextChoices):
        """How the time is counted after a supplement (NĐ 61/2018 điều 19.4: from zero, unless set otherwise)."""

        RESTART = "restart", _("tính lại từ đầu")
        RESUME = "resume", _("tính tiếp thời gian còn lại")
        FIXED = "fixed", _("tính tiếp; quá số ngày cho bổ sung thì dừng xử lý")

    code = LineColumn(_("mã"), max_length=50, unique=True)
    # 19 published names are longer than 900 letters.
    name = LineColumn(_("tên"), max_length=2000)
    field = models.ForeignKey(Field, models.PROTECT, related_name="procedures", verbose_name=_("lĩnh vực"))
    promulgator = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cơ quan công bố")
    )
    level = models.CharField(_("cấp thực hiện"), max_length=10, choices=Agency.Level)
    executed_by = LineColumn(_("cơ quan thực hiện"), max_length=1000, blank=True)
    limit = models.DecimalField(
        _("thời hạn"),
        max_digits=7,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    limit_unit = models.CharField(_("đơn vị thời hạn"), max_length=12, choices=Unit, blank=True)
    limit_text = LinesColumn(_("thời hạn bằng lời"), max_length=1000, blank=True)
    count_from_next_day = models.BooleanField(_("tính từ ngày làm việc tiếp theo"), default=False)
    next_day_after = models.TimeField(_("nhận sau giờ này thì tính từ ngày làm việc tiếp theo"), null=True, blank=True)
    after_supplement = models.CharField(
        _("khi nhận bổ sung"), max_length=8, choices=AfterSupplement, default=AfterSupplement.RESTART
    )
    supplement_days = models.PositiveSmallIntegerField(
        _("số ngày cho bổ sung"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    direct = models.BooleanField(_("nhận trực tiếp"), default=True)
    online = models.BooleanField(_("nhận trực tuyến"), default=False)
    postal = models.BooleanField(_("nhận qua bưu chính"), default=False)
    takes_drawings = models.BooleanField(
        _("nhận bản vẽ"), default=False, help_text=_("Cho nộp tệp bản vẽ AutoCAD (.dwg) kèm hồ sơ.")
    )
    subjects = models.JSONField(_("đối tượng thực hiện"), default=list, blank=True)
    decision_no = LineColumn(_("quyết định công bố"), max_length=100, blank=True)
    legal_basis = models.JSONField(_("căn cứ pháp lý"), default=list, blank=True)
    is_active = models.BooleanField(_("đang áp dụng"), default=True)
    # Code and name without accents, for a search that works in the same way on every database.
    search = models.TextField(editable=False)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = _("thủ tục")
        verbose_name_plural = _("thủ tục")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="procedure_limit_and_unit_together",
                condition=models.Q(limit=None, limit_unit="") | (models.Q(limit__gte=0) & ~models.Q(limit_unit="")),
                violation_error_message=_("Thời hạn và đơn vị thời hạn phải cùng có hoặc cùng để trống."),
            ),
            models.CheckConstraint(
                name="procedure_fixed_supplement_has_days",
                condition=~models.Q(after_supplement="fixed") | models.Q(supplement_days__isnull=False),
                violation_error_message=_("Cách này cần số ngày cho bổ sung."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search = without_accents(f"{self.code} {self.name}")
        super().save(*args, **kwargs)

    @property
    def channels(self) -> list[SubmissionChannel]:
        """The channels through which dossiers of this procedure may be submitted."""
        return [channel for channel in SubmissionChannel if getattr(self, channel.value)]


class ProcedurePaper(models.Model):
    """A paper that the procedure requires (thành phần hồ sơ); `group` names the case in which it is required."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="papers", verbose_name=_("thủ tục"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    code = LineColumn(_("mã"), max_length=200, blank=True)
    name = LongTextColumn(_("tên giấy tờ"))
    originals = models.PositiveSmallIntegerField(_("số bản chính"), default=0)
    copies = models.PositiveSmallIntegerField(_("số bản sao"), default=0)
    group = LineColumn(_("trường hợp"), max_length=500, blank=True)
    form = LineColumn(_("mẫu đơn"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("giấy tờ phải nộp")
        verbose_name_plural = _("giấy tờ phải nộp")
        ordering = ["procedure", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["procedure", "ordinal"], name="procedure_paper_ordinal")]

    def __str__(self) -> str:
        return self.name


class ProcedureFee(models.Model):
    """A fee or charge (phí, lệ phí). `amount` is in đồng; it is empty where only the text gives the amount."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="fees", verbose_name=_("thủ tục"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    name = LineColumn(_("tên"), max_length=500)
    amount = models.PositiveIntegerField(_("số tiền (đồng)"), null=True, blank=True)
    text = LinesColumn(_("mô tả"), max_length=1000, blank=True)
    direct = models.BooleanField(_("khi nộp trực tiếp"), default=True)
    online = models.BooleanField(_("khi nộp trực tuyến"), default=True)
    postal = models.BooleanField(_("khi nộp qua bưu chính"), default=True)
    phase = models.PositiveSmallIntegerField(_("thu khi"), choices=Phase, default=Phase.RECEPTION)
    is_mandatory = models.BooleanField(_("phải nộp trước khi trả kết quả"), default=True)

    class Meta:
        verbose_name = _("phí, lệ phí")
        verbose_name_plural = _("phí, lệ phí")
        ordering = ["procedure", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["procedure", "ordinal"], name="procedure_fee_ordinal")]

    def __str__(self) -> str:
        return self.name


class ProcedureResult(models.Model):
    """A paper that the citizen gets at the end (kết quả thực hiện)."""

    procedure = models.ForeignKey(Procedure, models.CASCADE, related_name="results", verbose_name=_("thủ tục"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    code = LineColumn(_("mã"), max_length=100, blank=True)
    name = LongTextColumn(_("tên kết quả"))

    class Meta:
        verbose_name = _("kết quả")
        verbose_name_plural = _("kết quả")
        ordering = ["procedure", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["procedure", "ordinal"], name="procedure_result_ordinal")]

    def __str__(self) -> str:
        return self.name
