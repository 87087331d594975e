"""The citizen's rating of how a dossier was handled. Who voted is never stored (NĐ 61/2018 điều 27.3)."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Placement, Procedure
from onestop.common.input.columns import LineColumn, LinesColumn
from onestop.dossiers.models import Dossier


class Rating(models.IntegerChoices):
    VERY_GOOD = 1, _("rất hài lòng")
    GOOD = 2, _("hài lòng")
    BAD = 3, _("không hài lòng")


class Indicator(models.IntegerChoices):
    """The indicators of TT 01/2018 (điều 13–15) that citizens rate; indicator 1 is counted from dossiers."""

    UNIT_TIME = 2, _("thời gian giải quyết của từng đơn vị")
    CONTACTS = 3, _("số lần phải liên hệ")
    AGENCIES_CONTACTED = 4, _("số cơ quan phải liên hệ")
    DESK = 5, _("tổ chức bộ phận một cửa")
    PUBLICATION = 6, _("công khai thủ tục")
    ATTITUDE = 7, _("thái độ phục vụ")
    COMPLAINTS = 8, _("tiếp thu, giải quyết phản ánh, kiến nghị")
    ONLINE = 9, _("dịch vụ công trực tuyến")


class QuestionSetQuerySet(models.QuerySet["QuestionSet"]):
    def serving(self, dossier: Dossier, day: date) -> Self:
        """The sets for `dossier` on `day`: in use, with questions, of its agency, one above, or of no agency."""
        above = [int(key) for key in dossier.agency.path.strip("/").split("/")]
        return self.filter(
            Q(agency=None) | Q(agency__in=above),
            Q(starts_on=None) | Q(starts_on__lte=day),
            Q(ends_on=None) | Q(ends_on__gte=day),
            models.Exists(Question.objects.filter(question_set=models.OuterRef("pk"))),
            is_active=True,
        )

    def for_dossier(self, dossier: Dossier, day: date) -> QuestionSet | None:
        """The set that is used: of the closest agency, and of those the one that began last."""
        closest_first = Length("agency__path").desc(nulls_last=True)
        return self.serving(dossier, day).order_by(closest_first, F("starts_on").desc(nulls_last=True), "-pk").first()


class QuestionSet(models.Model):
    """Questions that are asked together, for an agency and all below it; without an agency, for all agencies."""

    name = LineColumn(_("tên"), max_length=200)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cơ quan")
    )
    is_active = models.BooleanField(_("đang dùng"), default=True)
    starts_on = models.DateField(_("dùng từ ngày"), null=True, blank=True)
    ends_on = models.DateField(_("đến hết ngày"), null=True, blank=True)

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("bộ câu hỏi")
        verbose_name_plural = _("bộ câu hỏi")
        constraints = [
            models.CheckConstraint(
                name="question_set_period_in_order",
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("Ngày cuối không được trước ngày đầu."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def is_answered(self) -> bool:
        """Whether there are ballots, whose meaning depends on the wording of the set."""
        return Ballot.objects.filter(question_set=self).exists()


class Question(models.Model):
    question_set = models.ForeignKey(
        QuestionSet, models.CASCADE, related_name="questions", verbose_name=_("bộ câu hỏi")
    )
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    content = LineColumn(_("câu hỏi"), max_length=500)
    # The indicator that is computed from its ratings; none for questions that the law requires and does not count.
    indicator = models.PositiveSmallIntegerField(_("chỉ số"), choices=Indicator, null=True, blank=True)

    class Meta:
        verbose_name = _("câu hỏi")
        verbose_name_plural = _("câu hỏi")
        ordering = ["question_set", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["question_set", "ordinal"], name="question_ordinal"),
            models.CheckConstraint(
                name="question_indicator_of_citizens",
                condition=Q(indicator=None) | Q(indicator__range=(2, 9)),
            ),
        ]

    def __str__(self) -> str:
        return self.content


class BallotSlip(models.Model):
    """Records that a dossier was rated with a set, so that there is one ballot. No column refers to the ballot."""

    # Random, like the keys of ballots and answers: sequential keys would show which slip belongs to which ballot.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", verbose_name=_("hồ sơ"))
    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="+", verbose_name=_("bộ câu hỏi"))

    class Meta:
        verbose_name = _("hồ sơ đã đánh giá")
        verbose_name_plural = _("hồ sơ đã đánh giá")
        constraints = [models.UniqueConstraint(fields=["dossier", "question_set"], name="one_ballot_per_dossier")]

    def __str__(self) -> str:
        return str(self.dossier)


class BallotQuerySet(models.QuerySet["Ballot"]):
    def of(self, agency: Agency, day: date) -> Self:
        """The ballots on dossiers of `agency` and of all agencies that were below it on `day`."""
        return self.filter(agency__in=Placement.objects.within(agency, day).values("agency"))


class Ballot(models.Model):
    """A ballot that was cast: agency, procedure and day, but no dossier and no hour, and a random key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="+", verbose_name=_("bộ câu hỏi"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("cơ quan"))
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("thủ tục"))
    cast_on = models.DateField(_("ngày"))

    objects = BallotQuerySet.as_manager()

    class Meta:
        verbose_name = _("phiếu đánh giá")
        verbose_name_plural = _("phiếu đánh giá")
        ordering = ["-cast_on"]
        indexes = [models.Index(fields=["agency", "cast_on"]), models.Index(fields=["cast_on", "id"])]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.cast_on:%d/%m/%Y}"


class Answer(models.Model):
    """The answer to one question; the lowest rating has a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="answers", verbose_name=_("phiếu"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name=_("câu hỏi"))
    rating = models.PositiveSmallIntegerField(_("mức"), choices=Rating)
    reason = LinesColumn(_("lý do"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("câu trả lời")
        verbose_name_plural = _("câu trả lời")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "question"], name="one_answer_per_question"),
            models.CheckConstraint(name="bad_rating_has_reason", condition=~Q(rating=Rating.BAD) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.get_rating_display()
