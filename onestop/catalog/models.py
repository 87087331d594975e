"""What the office knows before anybody comes: agencies, fields, procedures and the working calendar."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from onestop.common.input.columns import LineColumn, LinesColumn, LongTextColumn
from onestop.common.input.text import without_accents

from .holidays import DayKind, public_holidays
from .placements import Placement as Placement
from .placements import settle


class AgencyQuerySet(models.QuerySet["Agency"]):
    def level1(self) -> Self:
        """Ministries and provinces: the agencies that report to the national portal."""
        return self.filter(parent=None)

    def taking_in(self) -> Self:
        """Those that take dossiers in: neither they nor any agency above them has ended. See `Agency.takes_in`."""
        return self.filter(is_active=True, superior_ended=False)

    def within(self, agency: Agency) -> Self:
        """`agency` and all below it."""
        return self.filter(path__startswith=agency.path)

    def within_code(self, code: str) -> Self:
        """The agency with that identifier and all below it; nothing where there is none. No query of its own."""
        top = Agency.objects.filter(code=code).values("path")
        return self.alias(top=models.Subquery(top)).filter(path__startswith=models.F("top"))


class Agency(models.Model):
    """An office or body (cơ quan, đơn vị) with its electronic identifier (mã định danh, QĐ 20/2020/QĐ-TTg)."""

    class Level(models.TextChoices):
        CENTRAL = "central", _("trung ương")
        PROVINCE = "province", _("cấp tỉnh")
        COMMUNE = "commune", _("cấp xã")

    class CodeOrder(models.TextChoices):
        """How the identifier stands in dossier codes; see `dossiers.numbering`."""

        LEVEL1_FIRST = "level1_first", _("H22.001.00 (TT 03/2025)")
        LEVEL1_LAST = "level1_last", _("000.00.01.H22 (TT 01/2018)")

    class FormSet(models.TextChoices):
        """Whose printed forms the agency uses; both circulars' are in use."""

        TT03_2025 = "tt03_2025", _("TT 03/2025/TT-VPCP")
        TT01_2018 = "tt01_2018", _("TT 01/2018/TT-VPCP")

    code = LineColumn(
        _("mã định danh"),
        max_length=35,
        unique=True,
        validators=[RegexValidator(r"\A[0-9A-Z]+(\.[0-9A-Z]+)*\Z", _("chỉ gồm chữ hoa, chữ số và dấu chấm"))],
    )
    name = LineColumn(_("tên"), max_length=500)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("cơ quan cấp trên"),
    )
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    code_order = models.CharField(
        _("cách viết mã hồ sơ"), max_length=12, choices=CodeOrder, default=CodeOrder.LEVEL1_FIRST
    )
    owner_digits = models.CharField(
        _("hai số của chủ hệ thống trong mã hồ sơ"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A\d{2}\Z", _("gồm đúng hai chữ số"))],
    )
    form_set = models.CharField(_("bộ mẫu in"), max_length=9, choices=FormSet, default=FormSet.TT03_2025)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    # All three follow from `parent`; kept so that "this agency and all below" is one indexed prefix. They tell of
    # today; `placements` tell since when, and how it was before.
    path = models.CharField(max_length=200, editable=False, db_index=True)
    level1 = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    superior_ended = models.BooleanField(default=False, editable=False)
    # Figures of a level-1 agency are published for all days before this one: its tree of then does not change.
    published_until = models.DateField(null=True, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("cơ quan")
        verbose_name_plural = _("cơ quan")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @transaction.atomic
    def save(self, *args: Any, since: date | None = None, **kwargs: Any) -> None:
        """Saves, and plants the agency, with all below it, where its parent says; from `since` on, which is today
        unless given. Raises ValidationError as `placements.settle` does."""
        super().save(*args, **kwargs)
        below = Agency.objects.within(self) if self.path else ()
        settle({**{agency.pk: agency for agency in below}, self.pk: self}, since)

    @property
    def takes_in(self) -> bool:
        """Whether it may take dossiers in. What it has already it may finish, or hand over to a unit that works."""
        return self.is_active and not self.superior_ended

    @property
    def why_closed(self) -> str:
        """Why it takes nothing in, in a sentence; "" where it does."""
        said = gettext("%(agency)s hoặc cơ quan cấp trên đã kết thúc hoạt động nên không nhận hồ sơ.")
        return "" if self.takes_in else said % {"agency": self.name}

    def take_place(self, parent: Agency | None) -> bool:
        """Sets what follows from `parent`, whose own place is right; tells whether that is a change. Saves nothing."""
        before = (self.path, self.level1_id, self.superior_ended)
        self.path = f"{parent.path if parent else '/'}{self.pk}/"
        self.level1_id = parent.level1_id if parent else self.pk
        self.superior_ended = parent is not None and not parent.takes_in
        return before != (self.path, self.level1_id, self.superior_ended)

    def clean(self) -> None:
        if self.parent is None:
            return
        if self.pk and self.parent.path.startswith(self.path):
            raise ValidationError({"parent": _("Cơ quan cấp trên không thể là chính nó hoặc đơn vị trực thuộc nó.")})
        stays = self.pk and self.path == f"{self.parent.path}{self.pk}/"
        if self.is_active and not self.parent.takes_in and not stays:
            raise ValidationError({"parent": _("Cơ quan cấp trên này đã kết thúc hoạt động.")})


class Field(models.Model):
    """A field of administration (lĩnh vực) that groups procedures, such as civil status (hộ tịch)."""

    code = LineColumn(_("mã"), max_length=35, unique=True)
    name = LineColumn(_("tên"), max_length=500)

    class Meta:
        verbose_name = _("lĩnh vực")
        verbose_name_plural = _("lĩnh vực")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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
        """Those that a desk may take dossiers for."""
        return self.filter(is_active=True)

    def matching(self, text: str) -> Self:
        """Those whose code or name holds every word of `text`, accents and case aside."""
        found = self
        for word in without_accents(text).split():
            found = found.filter(search__contains=word)
        return found


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
        """What the clock does when a supplement arrives (NĐ 61/2018 điều 19.4: from zero, unless set otherwise)."""

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
    # Code and name without accents, for a search that works alike on every database.
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
        """The ways in that this procedure offers."""
        return [channel for channel in SubmissionChannel if getattr(self, channel.value)]


class ProcedurePaper(models.Model):
    """A paper that the procedure asks for (thành phần hồ sơ); `group` names the case in which it is asked."""

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
    """A fee or charge (phí, lệ phí). `amount` in đồng; empty where only the text says how much."""

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
    """What the citizen gets at the end (kết quả thực hiện)."""

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


class WorkingHours(models.Model):
    """One session of work on one weekday. An agency without rows of its own keeps the default ones (no agency)."""

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

    A year without any day on record is counted by the public holidays that come with the program. The first day that
    is written down for a year brings those along, so that a local day off does not do away with Tết.
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
        """Writes down the public holidays of `year` that are missing; returns how many. No day is changed."""
        present = set(CalendarDay.objects.filter(date__year=year).values_list("date", flat=True))
        missing = [CalendarDay(**day._asdict()) for day in public_holidays(year) if day.date not in present]
        # Two who write down a year at the same time both mean the same days.
        CalendarDay.objects.bulk_create(missing, ignore_conflicts=True)
        return len(missing)
