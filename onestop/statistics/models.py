"""The tables of figures: each dossier's spells of work, the sums of each month, and figures as published.

Spells and months are computed from the history of dossiers: in `counting/`, `spell_sql.py` defines the spells,
`incremental.py` counts new moves, and `recount.py` counts everything again and compares.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Procedure, SubmissionChannel
from onestop.common.input.columns import LinesColumn
from onestop.dossiers.models import Dossier, move_choices, unguessable_token
from onestop.votes.models import Indicator

from .periods import Period


class Sorted(models.Model):
    """The columns by which dossiers are counted. Copied from the dossier, so that counting reads one table."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", db_index=False, verbose_name=_("hồ sơ"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cơ quan"))
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="+", db_index=False, verbose_name=_("thủ tục")
    )
    channel = models.CharField(_("hình thức nộp"), max_length=6, choices=SubmissionChannel)

    class Meta:
        abstract = True


class SpellQuerySet(models.QuerySet["Spell"]):
    """At an instant `t`, only what happened before it counts."""

    def open_at(self, t: datetime) -> Self:
        return self.filter(_ENDLESS | Q(closed_at__gte=t), opened_at__lt=t)

    def begun(self, start: datetime, end: datetime) -> Self:
        """Accepted in [start, end)."""
        return self.filter(opened_at__gte=start, opened_at__lt=end, closed_before=None)

    def carried_into(self, start: datetime, end: datetime) -> Self:
        """Accepted before `start`, and then open, or closed and reopened in [start, end)."""
        open_then = Q(opened_at__lt=start) & (_ENDLESS | Q(closed_at__gte=start))
        reopened = Q(opened_at__gte=start, opened_at__lt=end, closed_before__lt=start)
        return self.filter(open_then | reopened, opened_at__lt=end)

    def closed(self, start: datetime, end: datetime) -> Self:
        """Closed in [start, end), and not reopened by `end`."""
        return self.exclude(opened_at=None).ended(start, end)

    def refused(self, start: datetime, end: datetime) -> Self:
        """Refused in [start, end), and not reopened by `end`."""
        return self.filter(opened_at=None).ended(start, end)

    def ended(self, start: datetime, end: datetime) -> Self:
        stands = Q(reopened_at=None) | Q(reopened_at__gte=end)
        return self.filter(stands, closed_at__gte=start, closed_at__lt=end)

    def in_time(self) -> Self:
        return self.filter(IN_TIME)

    def late(self) -> Self:
        return self.filter(LATE)

    def not_overdue_at(self, t: datetime) -> Self:
        return self.open_at(t).exclude(dossier__in=LateSpell.objects.at(t).values("dossier"))


_ENDLESS = Q(closed_at=None)
# Of a closed spell; without a due instant it is in time.
IN_TIME = Q(due_at=None) | Q(due_at__gte=F("closed_at"))
LATE = Q(due_at__lt=F("closed_at"))


class Spell(Sorted):
    """One stretch of work on a dossier: from its acceptance, or a reopening, to the closing that ended it.

    `number` counts within the dossier, maybe with gaps. `closed_before`: the closing that this reopening undid; None
    for a spell that began with the acceptance. `reopened_at`: when its own closing was undone. `due_at`: the due
    instant in force at the closing. `worked_seconds`: how long the office worked on the dossier until the closing, all
    spells together, without pauses for the citizen. A refusal (không tiếp nhận) is a spell that was closed and never
    opened.
    """

    number = models.PositiveIntegerField(_("lần"))
    opened_at = models.DateTimeField(_("bắt đầu"), null=True)
    closed_before = models.DateTimeField(_("lần kết thúc đã bị mở lại"), null=True)
    closed_at = models.DateTimeField(_("kết thúc"), null=True)
    outcome = models.CharField(_("kết thúc bằng"), max_length=20, choices=move_choices, blank=True)
    due_at = models.DateTimeField(_("hẹn trả khi kết thúc"), null=True)
    worked_seconds = models.BigIntegerField(_("thời gian xử lý (giây)"), default=0)
    reopened_at = models.DateTimeField(_("mở lại"), null=True)

    objects = SpellQuerySet.as_manager()

    class Meta:
        verbose_name = _("đợt xử lý")
        verbose_name_plural = _("đợt xử lý")
        indexes = [
            models.Index(fields=["agency", "opened_at"]),
            models.Index(fields=["agency", "closed_at"]),
            models.Index(
                fields=["agency", "closed_at"], name="spell_reopened", condition=Q(reopened_at__isnull=False)
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="one_spell_per_number")]

    def __str__(self) -> str:
        return f"{self.dossier} {self.opened_at} – {self.closed_at or ''}"


class LateSpellQuerySet(models.QuerySet["LateSpell"]):
    def at(self, t: datetime) -> Self:
        return self.filter(Q(until=None) | Q(until__gte=t), since__lt=t)


class LateSpell(Sorted):
    """A stretch, within a spell of work, in which the dossier counted as overdue: after `since`, up to `until`.

    It may be in the future: a dossier that is in time today is overdue once its due instant has passed.
    """

    since = models.DateTimeField(_("quá hạn từ"))
    until = models.DateTimeField(_("đến"), null=True)

    objects = LateSpellQuerySet.as_manager()

    class Meta:
        verbose_name = _("thời gian quá hạn")
        verbose_name_plural = _("thời gian quá hạn")
        indexes = [models.Index(fields=["agency", "since"], name="late_still", condition=Q(until=None))]
        constraints = [models.UniqueConstraint(fields=["dossier", "since"], name="one_late_spell_at_once")]

    def __str__(self) -> str:
        return f"{self.dossier} {self.since} – {self.until or ''}"


class Month(models.Model):
    """What changed in one month, by Vietnam's calendar; `month` is its first day.

    How many dossiers are open at the end of a month is the sum of `net_open` up to it; how many are overdue, the sum
    of `net_late`.
    """

    month = models.DateField(_("tháng"))
    accepted = models.IntegerField(_("tiếp nhận"), default=0)
    refused = models.IntegerField(_("không tiếp nhận"), default=0)
    net_open = models.IntegerField(_("thêm đang giải quyết"), default=0)
    net_late = models.IntegerField(_("thêm quá hạn"), default=0)
    in_time = models.IntegerField(_("giải quyết đúng hạn"), default=0)
    late = models.IntegerField(_("giải quyết trễ hạn"), default=0)
    denied = models.IntegerField(_("từ chối giải quyết"), default=0)
    withdrawn = models.IntegerField(_("công dân rút hồ sơ"), default=0)
    stopped = models.IntegerField(_("dừng xử lý"), default=0)
    worked_seconds = models.BigIntegerField(_("thời gian xử lý (giây)"), default=0)

    class Meta:
        abstract = True


class AgencyMonth(Month):
    """The month of all dossiers that one agency itself received, without the agencies below it."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cơ quan"))

    class Meta:
        verbose_name = _("số liệu tháng của cơ quan")
        verbose_name_plural = _("số liệu tháng của cơ quan")
        constraints = [models.UniqueConstraint(fields=["agency", "month"], name="one_row_per_agency_and_month")]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.month:%Y-%m}"


class ProcedureMonth(Month):
    """The month of the dossiers of one agency, one procedure and one channel."""

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", db_index=False, verbose_name=_("cơ quan"))
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, related_name="+", db_index=False, verbose_name=_("thủ tục")
    )
    channel = models.CharField(_("hình thức nộp"), max_length=6, choices=SubmissionChannel)

    class Meta:
        verbose_name = _("số liệu tháng của thủ tục")
        verbose_name_plural = _("số liệu tháng của thủ tục")
        # For the month of a whole province.
        indexes = [models.Index(fields=["month"])]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "month", "procedure", "channel"], name="one_row_per_procedure_and_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.procedure.code} {self.channel} {self.month:%Y-%m}"


class StatsLock(models.Model):
    """One row. A process that counts keeps it locked, so that two never count at once."""

    class Meta:
        verbose_name = _("cập nhật số liệu")
        verbose_name_plural = _("cập nhật số liệu")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


class Assessment(models.Model):
    """Points (0, 1 or 2) that assessors gave an agency for one indicator of TT 01/2018 (điều 13–15).

    For indicators that neither dossiers nor ballots measure, such as how the desk is organised.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("cơ quan"))
    year = models.PositiveSmallIntegerField(_("năm"))
    quarter = models.PositiveSmallIntegerField(_("quý"))
    indicator = models.PositiveSmallIntegerField(_("chỉ số"), choices=Indicator)
    points = models.PositiveSmallIntegerField(_("điểm"))
    basis = LinesColumn(_("căn cứ"), max_length=1000)

    class Meta:
        verbose_name = _("điểm đánh giá")
        verbose_name_plural = _("điểm đánh giá")
        ordering = ["-year", "-quarter", "agency", "indicator"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "year", "quarter", "indicator"],
                name="one_assessment_per_indicator",
                violation_error_message=_("Chỉ số này của cơ quan trong quý đã có điểm; vui lòng sửa dòng đã có."),
            ),
            models.CheckConstraint(
                name="assessment_points",
                condition=Q(points__lte=2),
                violation_error_message=_("Điểm là 0, 1 hoặc 2."),
            ),
            models.CheckConstraint(
                name="assessment_quarter",
                condition=Q(quarter__range=(1, 4)),
                violation_error_message=_("Quý là 1, 2, 3 hoặc 4."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.year}-Q{self.quarter} {self.indicator}"


class Publication(models.Model):
    """One level-1 agency's figures of one month (or, with month 0, year), and the ratings of the same days.

    `figures` defines the counts. `tallies` is a list of {"question", "very_good", "good", "bad"}. `reasons` is a list
    of {"code", "move", "at"}: the moves that were recorded late; empty for a first publication.
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

    # The last recorded move that it counts. Later moves with an earlier date are the reasons for a revision.
    last_transition = models.BigIntegerField(_("tính đến bước xử lý số"), default=0)
    reasons = models.JSONField(_("lý do công bố lại"), default=list, blank=True)

    FIGURES: ClassVar = (
        "carried_over",
        "new_reception",
        "solved_in_time",
        "solved_late",
        "pending",
        "pending_late",
    )

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

    def differences(self, earlier: Publication) -> list[tuple[str, object, object]]:
        """The figures that differ from `earlier`: name, old value, new value."""
        names = (*self.FIGURES, "ballots", "tallies")
        pairs = [(self.label(name), getattr(earlier, name), getattr(self, name)) for name in names]
        return [pair for pair in pairs if pair[1] != pair[2]]

    @classmethod
    def label(cls, figure: str) -> str:
        field = cls._meta.get_field(figure)
        return str(field.verbose_name) if isinstance(field, models.Field) else figure


class HallScreen(models.Model):
    """The screen in an agency's hall, which shows today's numbers without signing in. Its address has the token.

    Switched on again or renewed, it has a new token: the earlier address then shows nothing.
    """

    agency = models.OneToOneField(
        Agency, models.PROTECT, related_name="hall_screen", primary_key=True, verbose_name=_("cơ quan")
    )
    token = models.CharField(max_length=32, unique=True, default=unguessable_token, editable=False)
    is_on = models.BooleanField(_("đang bật"), default=True)

    class Meta:
        verbose_name = _("màn hình sảnh")
        verbose_name_plural = _("màn hình sảnh")

    def __str__(self) -> str:
        return self.agency.name
