"""Ready texts: sentences that an office keeps for the reasons and requests that it writes again and again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from onestop.catalog.models import Agency, Procedure
from onestop.common.input.columns import LineColumn, LinesColumn

from .states import Move


class ReadyTextQuerySet(models.QuerySet["ReadyText"]):
    def offered(self, use: str, agencies: Iterable[int], procedure: Procedure | None) -> Self:
        """Those in use for `use`, of `agencies` or of all, about `procedure` or about all."""
        of_agency = Q(agency=None) | Q(agency__in=agencies)
        about = Q(procedure=None) | Q(procedure=procedure) if procedure else Q(procedure=None)
        return self.filter(of_agency, about, use=use, is_active=True)


class ReadyText(models.Model):
    """A sentence (câu mẫu) for the text field of one move, inserted there by the person who makes the move.

    `agency`: it and the agencies below it use the text; None for all. `procedure`: the one to which it belongs; None
    for all.
    """

    class Use(models.TextChoices):
        """The moves with a reason or a request in words. The values are those of `Move`."""

        ASK_SUPPLEMENT = Move.ASK_SUPPLEMENT.value, _("yêu cầu bổ sung")
        REFUSE = Move.REFUSE.value, _("từ chối tiếp nhận")
        DENY = Move.DENY.value, _("từ chối giải quyết")
        ASK_PAYMENT = Move.ASK_PAYMENT.value, _("yêu cầu nộp tiền")
        EXTEND = Move.EXTEND.value, _("gia hạn, xin lỗi")
        STOP = Move.STOP.value, _("dừng xử lý")
        WITHDRAW = Move.WITHDRAW.value, pgettext_lazy("use of a ready text", "rút hồ sơ")
        APPROVE = Move.APPROVE.value, _("ý kiến phê duyệt")
        RETURN_RESULT = Move.RETURN_RESULT.value, pgettext_lazy("use of a ready text", "trả kết quả")
        HAND_OVER = Move.HAND_OVER.value, pgettext_lazy("use of a ready text", "chuyển xử lý")
        POSTPONE = Move.POSTPONE.value, _("dời hẹn trả")
        REOPEN = Move.REOPEN.value, _("xử lý lại")

    use = models.CharField(_("dùng khi"), max_length=20, choices=Use)
    title = LineColumn(_("tiêu đề"), max_length=80, help_text=_("Hiện trên nút chọn, nên ngắn."))
    text = LinesColumn(_("nội dung"), max_length=4000)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("cơ quan")
    )
    procedure = models.ForeignKey(
        Procedure, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("thủ tục")
    )
    is_active = models.BooleanField(_("đang dùng"), default=True)

    objects = ReadyTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("câu mẫu")
        verbose_name_plural = _("câu mẫu")
        ordering = ["use", "title", "pk"]
        indexes = [models.Index(fields=["use", "agency"])]

    def __str__(self) -> str:
        return self.title
