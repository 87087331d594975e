"""For every move: the form of its page, and a sentence that says what the move will do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onestop.dossiers.models import Move

from .forms import (
    AcceptForm,
    AmendForm,
    ApproveForm,
    AskPaymentForm,
    AskSupplementForm,
    CorrectTimeForm,
    DenyForm,
    ExtendForm,
    MoveForm,
    ReasonForm,
    ReceivePaymentForm,
    ReceiveSupplementForm,
    ReturnResultForm,
)
from .hand_over import HandOverForm

MOVE_FORMS: dict[Move, tuple[type[MoveForm], Promise]] = {
    Move.ACCEPT: (AcceptForm, _("Hồ sơ được cấp mã và bắt đầu tính thời hạn giải quyết.")),
    Move.REFUSE: (ReasonForm, _("Hồ sơ không được tiếp nhận; lý do được thông báo cho người nộp.")),
    Move.ASK_SUPPLEMENT: (
        AskSupplementForm,
        _("Thời hạn tạm dừng cho đến khi người nộp bổ sung đủ nội dung được yêu cầu."),
    ),
    Move.RECEIVE_SUPPLEMENT: (
        ReceiveSupplementForm,
        _("Giấy tờ bổ sung được ghi nhận; hồ sơ trở lại bước trước và có hẹn trả mới."),
    ),
    Move.ASK_PAYMENT: (AskPaymentForm, _("Thời hạn tạm dừng cho đến khi người nộp hoàn thành nghĩa vụ tài chính.")),
    Move.RECEIVE_PAYMENT: (
        ReceivePaymentForm,
        _("Các khoản được đánh dấu được ghi nhận là đã nộp; thời hạn được tính tiếp phần còn lại."),
    ),
    Move.START: (MoveForm, _("Hồ sơ chuyển sang đang xử lý; nếu chưa có ai phụ trách, bạn là cán bộ xử lý.")),
    Move.APPROVE: (ApproveForm, _("Hồ sơ chuyển sang chờ trả kết quả cho công dân.")),
    Move.DENY: (DenyForm, _("Hồ sơ kết thúc với kết quả từ chối giải quyết; lý do được thông báo cho công dân.")),
    Move.RETURN_RESULT: (ReturnResultForm, _("Kết quả được trao cho công dân; hồ sơ kết thúc.")),
    Move.AMEND: (AmendForm, _("Thông tin của hồ sơ được sửa; trạng thái và hẹn trả giữ nguyên.")),
    Move.HAND_OVER: (
        HandOverForm,
        _("Hồ sơ được chuyển sang đơn vị hoặc cán bộ khác; trạng thái và hẹn trả giữ nguyên."),
    ),
    Move.EXTEND: (
        ExtendForm,
        _("Công dân nhận văn bản xin lỗi và hẹn lại ngày trả kết quả; mỗi hồ sơ chỉ được gia hạn một lần."),
    ),
    Move.WITHDRAW: (ReasonForm, _("Hồ sơ kết thúc vì công dân xin rút.")),
    Move.STOP: (ReasonForm, _("Hồ sơ kết thúc, không có kết quả giải quyết.")),
    Move.REOPEN: (ReasonForm, _("Bước kết thúc đã ghi bị hủy, hồ sơ được xử lý lại; lịch sử giữ nguyên.")),
    Move.POSTPONE: (
        ReasonForm,
        _("Hẹn trả rơi vào ngày nghỉ được dời sang ngày làm việc tiếp theo; không tính là gia hạn."),
    ),
    Move.CORRECT_TIME: (
        CorrectTimeForm,
        _("Sửa thời điểm đã ghi sai; hẹn trả và số liệu được tính lại, bước đã ghi vẫn còn trong lịch sử."),
    ),
}
