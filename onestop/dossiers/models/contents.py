"""What belongs to a dossier: papers, fees, supplements, opinions, files, printed forms."""

from __future__ import annotations

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Agency, Phase, ProcedurePaper
from onestop.common.input.columns import LineColumn, LinesColumn, LongTextColumn

from .dossier import Dossier
from .history import Transition


class Supplement(models.Model):
    """A request for more papers (yêu cầu bổ sung), and their receipt.

    If a dossier ends while it waits, its supplement stays as it was: requested, and never received.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="supplements", verbose_name=_("hồ sơ"))
    ordinal = models.PositiveSmallIntegerField(_("lần"))
    asked_at = models.DateTimeField(_("yêu cầu lúc"))
    asked_by = LineColumn(_("người yêu cầu"), max_length=500)
    request = LongTextColumn(_("nội dung yêu cầu"))
    # After this instant the dossier lapses, where its procedure says so.
    respond_by = models.DateTimeField(_("bổ sung trước"), null=True, blank=True)
    old_due_at = models.DateTimeField(_("hẹn trả trước đó"), null=True, blank=True)
    received_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    received_by = LineColumn(_("người nhận"), max_length=500, blank=True)
    received_note = LongTextColumn(_("ghi chú khi nhận"), blank=True)
    new_due_at = models.DateTimeField(_("hẹn trả mới"), null=True, blank=True)

    class Meta:
        verbose_name = _("lần bổ sung")
        verbose_name_plural = _("lần bổ sung")
        ordering = ["dossier", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["dossier", "ordinal"], name="supplement_ordinal")]

    def __str__(self) -> str:
        return f"{self.dossier} #{self.ordinal}"


class Paper(models.Model):
    """A paper that was handed in, requested, or returned with the result."""

    class Form(models.TextChoices):
        ORIGINAL = "original", _("bản chính")
        COPY = "copy", _("bản sao")
        ELECTRONIC = "electronic", _("bản điện tử")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="papers", verbose_name=_("hồ sơ"))
    procedure_paper = models.ForeignKey(
        ProcedurePaper,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("theo thủ tục"),
    )
    supplement = models.ForeignKey(
        Supplement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name=_("lần bổ sung"),
    )
    name = LongTextColumn(_("tên giấy tờ"))
    quantity = models.PositiveSmallIntegerField(_("số lượng"), default=1)
    form = models.CharField(_("hình thức"), max_length=10, choices=Form, blank=True)
    phase = models.PositiveSmallIntegerField(_("nộp khi"), choices=Phase, default=Phase.RECEPTION)
    received_at = models.DateTimeField(_("nhận lúc"), null=True, blank=True)
    received_by = LineColumn(_("người nhận"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("giấy tờ")
        verbose_name_plural = _("giấy tờ")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def usual_form(cls, procedure_paper: ProcedurePaper) -> Form:
        """The form in which a paper of the procedure's list is usually handed in."""
        asks_for_original = procedure_paper.originals or not procedure_paper.copies
        return cls.Form.ORIGINAL if asks_for_original else cls.Form.COPY


class FeeQuerySet(models.QuerySet["Fee"]):
    def open(self) -> Self:
        """Neither paid nor waived."""
        return self.filter(paid_at=None, waived_at=None)


class Fee(models.Model):
    """A fee for the applicant to pay; `amount` in đồng. A mandatory one is settled before the result is returned."""

    class Method(models.TextChoices):
        CASH = "cash", _("tiền mặt")
        TRANSFER = "transfer", _("chuyển khoản")
        ONLINE = "online", _("thanh toán trực tuyến")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="fees", verbose_name=_("hồ sơ"))
    supplement = models.ForeignKey(
        Supplement, models.PROTECT, null=True, blank=True, related_name="fees", verbose_name=_("lần bổ sung")
    )
    name = LineColumn(_("tên"), max_length=500)
    amount = models.PositiveIntegerField(_("số tiền (đồng)"))
    phase = models.PositiveSmallIntegerField(_("thu khi"), choices=Phase, default=Phase.RECEPTION)
    demanded_at = models.DateTimeField(_("yêu cầu lúc"))
    paid_at = models.DateTimeField(_("nộp lúc"), null=True, blank=True)
    method = models.CharField(_("cách nộp"), max_length=8, choices=Method, blank=True)
    receipt_no = LineColumn(_("số biên lai"), max_length=50, blank=True)
    is_mandatory = models.BooleanField(_("phải nộp trước khi trả kết quả"), default=True)
    waived_at = models.DateTimeField(_("miễn lúc"), null=True, blank=True)
    waived_by = LineColumn(_("người miễn"), max_length=500, blank=True)
    waived_reason = LinesColumn(_("lý do miễn"), max_length=1000, blank=True)

    objects = FeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("phí, lệ phí")
        verbose_name_plural = _("phí, lệ phí")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="fee_waived_with_reason",
                condition=Q(waived_at=None) | (Q(paid_at=None) & ~Q(waived_reason="")),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Opinion(models.Model):
    """A question to another agency about a dossier, until when to answer, and its answer (NĐ 61/2018 điều 19.5)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="opinions", verbose_name=_("hồ sơ"))
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+", verbose_name=_("cơ quan được hỏi"))
    question = LongTextColumn(_("nội dung hỏi"))
    asked_at = models.DateTimeField(_("hỏi lúc"))
    asked_by = LineColumn(_("người hỏi"), max_length=500)
    due_at = models.DateTimeField(_("đề nghị trả lời trước"))
    answer = LongTextColumn(_("trả lời"), blank=True)
    answered_at = models.DateTimeField(_("trả lời lúc"), null=True, blank=True)
    answered_by = LineColumn(_("người trả lời"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("ý kiến phối hợp")
        verbose_name_plural = _("ý kiến phối hợp")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.dossier} {self.agency.code}"


def printed_path(printed: PrintedForm, filename: str) -> str:
    return f"printed/{printed.dossier.uuid}/{uuid.uuid4().hex}.pdf"


class PrintedForm(models.Model):
    """A form as it was printed and given out; every later print returns the same bytes."""

    # The kind that the applicant gets on acceptance; the first page asks for it. `documents` knows all kinds.
    RECEIPT = "receipt"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="printed_forms", verbose_name=_("hồ sơ"))
    # The move for which it was printed: a second supplement request is another paper.
    transition = models.ForeignKey(Transition, models.PROTECT, related_name="+", verbose_name=_("bước xử lý"))
    kind = models.CharField(_("mẫu"), max_length=20)
    form_set = models.CharField(_("bộ mẫu"), max_length=9, choices=Agency.FormSet)
    file = models.FileField(_("tệp"), upload_to=printed_path, max_length=200)
    sha256 = models.CharField(max_length=64)
    printed_at = models.DateTimeField(_("in lúc"))
    printed_by = LineColumn(_("người in"), max_length=500)

    class Meta:
        verbose_name = _("bản in")
        verbose_name_plural = _("bản in")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["transition", "kind", "form_set"], name="one_print_per_move_and_form")
        ]

    def __str__(self) -> str:
        return f"{self.dossier} {self.kind}"


def attachment_path(attachment: Attachment, filename: str) -> str:
    """A name that cannot be guessed and is unique. The database has the file's own name."""
    return f"dossiers/{attachment.dossier.uuid}/{uuid.uuid4().hex}"


class Attachment(models.Model):
    """A stored file. `ordinal` counts within the dossier and never changes; `sha256` is of the content as stored."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="attachments", verbose_name=_("hồ sơ"))
    ordinal = models.PositiveSmallIntegerField(_("thứ tự"))
    name = models.CharField(_("tên tệp"), max_length=255)
    file = models.FileField(_("tệp"), upload_to=attachment_path, max_length=200)
    size = models.PositiveBigIntegerField(_("số byte"))
    sha256 = models.CharField(max_length=64)
    phase = models.PositiveSmallIntegerField(_("nộp khi"), choices=Phase, default=Phase.RECEPTION)
    uploaded_at = models.DateTimeField(_("tải lên lúc"))

    class Meta:
        verbose_name = _("tệp đính kèm")
        verbose_name_plural = _("tệp đính kèm")
        ordering = ["dossier", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["dossier", "ordinal"], name="attachment_ordinal")]

    def __str__(self) -> str:
        return self.name
