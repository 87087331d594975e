"""The states and moves of a dossier, and other closed lists of stored values."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrPromise


class State(models.IntegerChoices):
    """The ten states; the numbers are the national portal's own."""

    REGISTERED = 1, _("mới đăng ký")
    ACCEPTED = 2, _("được tiếp nhận")
    REFUSED = 3, _("không được tiếp nhận")
    IN_PROGRESS = 4, _("đang xử lý")
    AWAITING_SUPPLEMENT = 5, _("chờ bổ sung giấy tờ")
    AWAITING_PAYMENT = 6, _("chờ nghĩa vụ tài chính")
    WITHDRAWN = 7, pgettext_lazy("state", "công dân rút hồ sơ")
    STOPPED = 8, pgettext_lazy("state", "dừng xử lý")
    COMPLETED = 9, _("đã xử lý xong")
    RETURNED = 10, _("đã trả kết quả")


# Running, and the clock of the limit runs.
WORKED_ON = (State.REGISTERED, State.ACCEPTED, State.IN_PROGRESS)
PAUSED = (State.AWAITING_SUPPLEMENT, State.AWAITING_PAYMENT)
CLOSING = (State.WITHDRAWN, State.STOPPED, State.COMPLETED)
FINAL = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.RETURNED)


class Move(models.TextChoices):
    """The moves that can be made with a dossier; `lifecycle` has a function of the same name for each."""

    REGISTER = "register", _("đăng ký")
    ACCEPT = "accept", _("tiếp nhận")
    REFUSE = "refuse", _("từ chối tiếp nhận")
    ASK_SUPPLEMENT = "ask_supplement", _("yêu cầu bổ sung")
    RECEIVE_SUPPLEMENT = "receive_supplement", _("nhận bổ sung")
    ASK_PAYMENT = "ask_payment", _("yêu cầu nộp tiền")
    RECEIVE_PAYMENT = "receive_payment", _("ghi nhận đã nộp tiền")
    START = "start", _("bắt đầu xử lý")
    WITHDRAW = "withdraw", _("công dân rút hồ sơ")
    STOP = "stop", _("dừng xử lý")
    APPROVE = "approve", _("duyệt kết quả")
    DENY = "deny", _("từ chối giải quyết")
    RETURN_RESULT = "return_result", _("trả kết quả")
    EXTEND = "extend", _("gia hạn (xin lỗi và hẹn lại ngày trả)")
    AMEND = "amend", _("cập nhật thông tin")
    HAND_OVER = "hand_over", _("chuyển xử lý")
    REOPEN = "reopen", _("mở lại")
    POSTPONE = "postpone", _("dời hẹn khỏi ngày nghỉ")
    CORRECT_TIME = "correct_time", _("sửa thời điểm")
    UNDO = "undo", _("hoàn tác")


def move_choices() -> list[tuple[str, StrPromise]]:
    """The choices of a column that stores a move. A callable, so that a new move needs no migration."""
    return Move.choices


class ApplicantKind(models.TextChoices):
    CITIZEN = "citizen", _("công dân")
    BUSINESS = "business", _("doanh nghiệp")
    ORGANISATION = "organisation", _("tổ chức")
    OTHER = "other", _("khác")


# Who may have a birth date: a foreigner with papers of another country is `OTHER`.
PERSONS = (ApplicantKind.CITIZEN, ApplicantKind.OTHER)


class SubmitterCapacity(models.TextChoices):
    """In what capacity a person hands in a dossier for its applicant (tư cách của người nộp)."""

    AUTHORISED = "authorised", _("người được ủy quyền")
    RELATIVE = "relative", _("người thân được ủy quyền")
    GUARDIAN = "guardian", _("cha, mẹ hoặc người giám hộ")
    REPRESENTATIVE = "representative", _("người đại diện theo pháp luật")
    POSTAL = "postal", _("nhân viên bưu chính công ích")


class ReturnMethod(models.TextChoices):
    DIRECT = "direct", _("trực tiếp")
    POST = "post", _("qua bưu chính")
