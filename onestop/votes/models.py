"""The citizen's rating of how a dossier was handled. Who voted is never stored (NĐ 61/2018 điều 27.3)."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.models import Dossier


class Rating(models.IntegerChoices):
    VERY_GOOD = 1, _("rất hài lòng")
    GOOD = 2, _("hài lòng")
    BAD = 3, _("không hài lòng")


class QuestionSet(models.Model):
    """Questions asked together. Without an agency, for every agency."""

    name = models.CharField(_("tên"), max_length=200)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cơ quan")
    )
    is_active = models.BooleanField(_("đang dùng"), default=True)

    class Meta:
        verbose_name = _("bộ câu hỏi")
        verbose_name_plural = _("bộ câu hỏi")

    def __str__(self) -> str:
        return self.name


class Question(models.Model):
    question_set = models.ForeignKey(
        QuestionSet, models.CASCADE, related_name="questions", verbose_name=_("bộ câu hỏi")
    )
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    content = models.CharField(_("câu hỏi"), max_length=500)

    class Meta:
        verbose_name = _("câu hỏi")
        verbose_name_plural = _("câu hỏi")
        ordering = ["question_set", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["question_set", "ordinal"], name="question_ordinal")]

    def __str__(self) -> str:
        return self.content


class BallotSlip(models.Model):
    """That this dossier has voted on this set: the one-ballot rule. Nothing leads from here to the ballot."""

    # Random, like the ballot's and the answers': keys that count up in step would pair them off.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+", verbose_name=_("hồ sơ"))
    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="+", verbose_name=_("bộ câu hỏi"))

    class Meta:
        verbose_name = _("dấu đã đánh giá")
        verbose_name_plural = _("dấu đã đánh giá")
        constraints = [models.UniqueConstraint(fields=["dossier", "question_set"], name="one_ballot_per_dossier")]

    def __str__(self) -> str:
        return str(self.dossier)


class BallotQuerySet(models.QuerySet["Ballot"]):
    def of(self, agency: Agency) -> Self:
        """Cast on dossiers of `agency` and all below it."""
        return self.filter(agency__path__startswith=agency.path)


class Ballot(models.Model):
    """One filled-in ballot, of an agency and a procedure, on a day: no dossier, no hour, a random key."""

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
        indexes = [models.Index(fields=["agency", "cast_on"])]

    def __str__(self) -> str:
        return f"{self.agency.code} {self.cast_on:%d/%m/%Y}"


class Answer(models.Model):
    """One question's answer; the lowest rating says why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="answers", verbose_name=_("phiếu"))
    question = models.ForeignKey(Question, models.PROTECT, related_name="+", verbose_name=_("câu hỏi"))
    rating = models.PositiveSmallIntegerField(_("mức"), choices=Rating)
    reason = models.CharField(_("lý do"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("câu trả lời")
        verbose_name_plural = _("câu trả lời")
        constraints = [
            models.UniqueConstraint(fields=["ballot", "question"], name="one_answer_per_question"),
            models.CheckConstraint(name="bad_rating_has_reason", condition=~Q(rating=Rating.BAD) | ~Q(reason="")),
        ]

    def __str__(self) -> str:
        return self.get_rating_display()
