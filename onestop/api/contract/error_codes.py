"""The codes of errors that partners' programs may meet, each with its meaning. A test finds codes that are missing."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

ERROR_CODES: Final[dict[str, StrOrPromise]] = {
    # The call as a whole.
    "parse_error": _("nội dung không phải JSON theo quy định"),
    "not_authenticated": _("thiếu token"),
    "authentication_failed": _("token không đúng, đã hết hạn hoặc đã bị thu hồi"),
    "scope": _("token không có quyền cần thiết"),
    "not_found": _("không có, hoặc ngoài phạm vi được xem"),
    "method_not_allowed": _("địa chỉ này không nhận phương thức này"),
    "not_acceptable": _("không trả lời được theo kiểu nội dung trong Accept"),
    "unsupported_media_type": _("không nhận kiểu nội dung này"),
    "no_length": _("thiếu Content-Length"),
    "too_large": _("nội dung gửi lên quá lớn"),
    "throttled": _("vượt số lần gọi trong một phút"),
    "under_way": _("lần gọi trước với Idempotency-Key này chưa xong"),
    "key_reused": _("Idempotency-Key đã dùng cho lần gọi khác"),
    "changed": _("hồ sơ đã thay đổi từ lần đọc có ETag trong If-Match"),
    "busy": _("hệ thống bận, dòng này chưa được lưu; gửi lại"),
    "error": _("lỗi của máy chủ"),
    # Any field or parameter.
    "required": _("thiếu trường bắt buộc"),
    "null": _("không nhận null"),
    "blank": _("không được để trống"),
    "empty": _("danh sách không được rỗng"),
    "invalid": _("giá trị không đúng; `detail` cho biết lý do"),
    "invalid_choice": _("không phải một trong các giá trị quy định"),
    "incorrect_type": _("sai kiểu dữ liệu"),
    "not_a_list": _("phải là danh sách"),
    "max_length": _("quá dài, hoặc danh sách quá nhiều dòng"),
    "min_length": _("quá ngắn, hoặc danh sách quá ít dòng"),
    "max_value": _("lớn hơn mức lớn nhất"),
    "min_value": _("nhỏ hơn mức nhỏ nhất"),
    "max_string_length": _("số có quá nhiều chữ số"),
    "does_not_exist": _("không có đối tượng mang mã này"),
    "unknown": _("không có trường, tham số hoặc mã này"),
    "repeated": _("xuất hiện nhiều lần"),
    "taken": _("số hoặc mã này đã dùng cho hồ sơ khác"),
    # Text, numbers and moments.
    "hidden_character": _("có ký tự điều khiển hoặc ký tự ẩn"),
    "null_characters_not_allowed": _("có ký tự rỗng"),
    "surrogate_characters_not_allowed": _("có nửa ký tự Unicode"),
    "no_offset": _("thời điểm thiếu múi giờ"),
    "out_of_range": _("thời điểm ngoài lịch dùng được"),
    "future": _("ở tương lai"),
    "eaten_by_spreadsheet": _("số đã bị bảng tính đổi dạng"),
    "lost_zero": _("số đã mất chữ số 0 ở đầu"),
    "one_digit": _("số chỉ gồm một chữ số lặp lại"),
    "too_short": _("số thiếu chữ số"),
    "too_long": _("số thừa chữ số, hoặc tên quá dài"),
    "no_digit": _("không có chữ số nào"),
    "not_a_phone": _("không phải số điện thoại"),
    "former": _("mã của đơn vị hành chính cũ; `detail` cho biết mã hiện nay"),
    # Dossiers and their moves.
    "move_refused": _("hồ sơ không ở trạng thái cho phép bước này, hoặc token không được làm bước này"),
    "conflict": _("trạng thái hiện tại không cho phép"),
    "test_only": _("đối tác thử chỉ nộp được hồ sơ thử"),
    "reserved": _("mã thuộc dãy số do hệ thống cấp"),
    "ended": _("cơ quan, đơn vị hành chính không còn hoạt động"),
    "needless": _("giá trị thừa"),
    "reason": _("thiếu lý do"),
    "missing": _("chưa trả lời câu hỏi"),
    "rating": _("mức đánh giá không hợp lệ"),
    "already_rated": _("hồ sơ đã được đánh giá"),
    "not_accepted": _("hồ sơ chưa được tiếp nhận nên chưa đánh giá được"),
    "not_begun": _("kỳ chưa bắt đầu"),
    # Webhooks.
    "forbidden_address": _("địa chỉ không được phép nhận thông báo"),
    "too_many": _("đã đăng ký đủ số webhook, hoặc còn đủ số khóa ký cũ"),
    "being_sent": _("một thông báo của hồ sơ này đang được gửi"),
    "cancelled": _("thông báo đã bị hủy nên không được gửi nữa"),
    "unknown_host": _("tên máy chủ không có trong DNS"),
}


def listed() -> str:
    """All of them as a list in Markdown."""
    return "\n".join(f"* `{code}` – {meaning}" for code, meaning in ERROR_CODES.items())
