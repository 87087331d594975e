"""Why a packet waits or has stopped, who can repair it, and how."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    # The packet waits and is tried again by itself.
    UNKNOWN_HOST = "unknown_host", _("không tìm thấy máy chủ của Cổng")
    UNREACHABLE = "unreachable", _("không kết nối được tới Cổng")
    TIMEOUT = "timeout", _("Cổng không trả lời kịp")
    LOGIN = "login", _("Cổng không chấp nhận mã ứng dụng hoặc mã bí mật")
    TOKEN = "token", _("Cổng không nhận mã truy cập đang dùng")
    BUSY = "busy", _("Cổng đang quá tải")
    SERVER_ERROR = "server_error", _("Cổng đang lỗi")
    UNREADABLE_REPLY = "garbage", _("trả lời không phải của Cổng")
    CONFIGURATION = "configuration", _("địa chỉ hoặc quyền gọi của Cổng cấu hình sai")
    LEASE_EXPIRED = "overslept", _("dịch vụ gửi ngừng hoạt động quá lâu nên chưa gửi")
    INTERNAL = "internal", _("lỗi của phần mềm này")
    FORBIDDEN_ADDRESS = "forbidden_address", _("địa chỉ nhận nằm trong mạng không được gửi tới")
    DECLINED = "declined", _("nơi nhận thông báo không xác nhận đã nhận")
    # The packet has stopped and waits for a person.
    INVALID = "invalid", _("dữ liệu hồ sơ chưa đúng chuẩn")
    BUILD_FAILED = "unbuilt", _("không lập được gói dữ liệu, lỗi của phần mềm này")
    NO_ATTACHMENT = "no_attachment", _("Cổng bắt buộc có tệp đính kèm nhưng hồ sơ không có tệp nào")
    FILE_MISSING = "file_missing", _("không đọc được tệp đính kèm đã lưu")
    FILE_CHANGED = "file_changed", _("tệp đính kèm đã lưu không còn nguyên vẹn")
    REFUSED = "refused", _("Cổng từ chối gói dữ liệu")
    ALREADY_HELD = "already_held", _("Cổng báo đã có hồ sơ này, nội dung mới chưa được nhận")
    GONE = "gone", _("nơi nhận báo đã ngừng nhận thông báo")
    GAVE_UP = "gave_up", _("đã gửi lại nhiều ngày nhưng không thành công")


# After these it is unknown whether the packet was taken: it was sent, and no answer of the receiver itself came back.
UNANSWERED = (Reason.UNREACHABLE, Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.UNREADABLE_REPLY, Reason.INTERNAL)

# The portal's configuration is wrong. Nothing passes until a person repairs it, so the portal's light is red at once.
SET_UP_WRONG = (Reason.LOGIN, Reason.CONFIGURATION)

ADVICE: dict[str, Promise] = {
    Reason.UNKNOWN_HOST: _("Kiểm tra địa chỉ của Cổng và kết nối mạng. Gói dữ liệu được gửi lại tự động."),
    Reason.UNREACHABLE: _("Cổng hoặc đường truyền đang gián đoạn. Gói dữ liệu được gửi lại tự động."),
    Reason.TIMEOUT: _("Cổng đang chậm. Gói dữ liệu được gửi lại tự động."),
    Reason.LOGIN: _("Quản trị tích hợp sửa mã ứng dụng, mã bí mật của Cổng. Sau đó gói dữ liệu được gửi lại tự động."),
    Reason.TOKEN: _("Không cần xử lý: hệ thống lấy mã truy cập mới và gửi lại ngay."),
    Reason.BUSY: _("Không cần xử lý: gói dữ liệu được gửi lại vào thời điểm Cổng hẹn."),
    Reason.SERVER_ERROR: _("Báo cho đơn vị vận hành Cổng nếu kéo dài. Gói dữ liệu được gửi lại tự động."),
    Reason.UNREADABLE_REPLY: _(
        "Kiểm tra địa chỉ của Cổng, tường lửa, máy chủ trung gian. Nếu Cổng trả lời theo cách "
        "riêng, quản trị tích hợp khai báo trường và giá trị báo thành công của Cổng. Gói dữ "
        "liệu được gửi lại tự động."
    ),
    Reason.CONFIGURATION: _(
        "Quản trị tích hợp kiểm tra địa chỉ gốc của Cổng và quyền gọi đã được cấp. Sau đó gói "
        "dữ liệu được gửi lại tự động."
    ),
    Reason.LEASE_EXPIRED: _("Quản trị hệ thống kiểm tra tình trạng máy chủ. Gói dữ liệu được gửi lại tự động."),
    Reason.INTERNAL: _("Gửi nhật ký của tiến trình đồng bộ cho đơn vị phát triển. Gói dữ liệu được gửi lại tự động."),
    Reason.FORBIDDEN_ADDRESS: _(
        "Sửa địa chỉ nhận: quản trị tích hợp sửa địa chỉ của Cổng, đối tác sửa địa chỉ nhận "
        "thông báo; hoặc quản trị hệ thống bổ sung mạng đó vào cấu hình các mạng được phép. "
        "Gói dữ liệu được gửi lại tự động."
    ),
    Reason.DECLINED: _(
        "Đối tác kiểm tra hệ thống nhận, địa chỉ và khóa ký của mình. Gói dữ liệu được gửi lại tự động."
    ),
    Reason.INVALID: _("Cán bộ một cửa sửa thông tin hồ sơ theo chi tiết dưới đây, rồi bấm gửi lại."),
    Reason.BUILD_FAILED: _("Gửi nhật ký cho đơn vị phát triển. Khi phần mềm đã được sửa, bấm gửi lại."),
    Reason.NO_ATTACHMENT: _("Cán bộ một cửa đính kèm giấy tờ đã quét vào hồ sơ, rồi bấm gửi lại."),
    Reason.FILE_MISSING: _("Quản trị hệ thống khôi phục tệp từ bản sao lưu, rồi bấm gửi lại."),
    Reason.FILE_CHANGED: _("Quản trị hệ thống khôi phục tệp gốc từ bản sao lưu, rồi bấm gửi lại."),
    Reason.REFUSED: _("Đọc trả lời của Cổng, sửa dữ liệu hoặc hỏi đơn vị vận hành Cổng, rồi bấm gửi lại."),
    Reason.ALREADY_HELD: _(
        "Hỏi đơn vị vận hành Cổng đang lưu nội dung nào. Nếu là nội dung cũ, đề nghị Cổng cho "
        "cập nhật rồi bấm “Gửi lại”. Nếu Cổng xác nhận đã có đúng nội dung này, hủy gói và "
        "ghi lý do."
    ),
    Reason.GONE: _(
        "Đối tác đã ngừng nhận thì hủy đăng ký; còn nhận thì tự yêu cầu gửi tiếp qua API, hoặc quản trị tích hợp bấm "
        "“Gửi lại”."
    ),
    Reason.GAVE_UP: _("Kiểm tra Cổng, rồi bấm gửi lại."),
}

_CLERK = _("cán bộ một cửa")
_OPERATOR = _("quản trị tích hợp")
_ADMINISTRATOR = _("quản trị hệ thống")
_PORTAL = _("đơn vị vận hành Cổng")
_DEVELOPER = _("đơn vị phát triển phần mềm")
_PARTNER = _("đối tác nhận thông báo")
_WHOSE_ADDRESS = _("quản trị tích hợp, hoặc đối tác nhận thông báo")
_NO_ONE = _("hệ thống tự gửi lại")

WHO: dict[str, Promise] = {
    Reason.UNKNOWN_HOST: _OPERATOR,
    Reason.UNREACHABLE: _PORTAL,
    Reason.TIMEOUT: _PORTAL,
    Reason.LOGIN: _OPERATOR,
    Reason.TOKEN: _NO_ONE,
    Reason.BUSY: _NO_ONE,
    Reason.SERVER_ERROR: _PORTAL,
    Reason.UNREADABLE_REPLY: _OPERATOR,
    Reason.CONFIGURATION: _OPERATOR,
    Reason.LEASE_EXPIRED: _ADMINISTRATOR,
    Reason.INTERNAL: _DEVELOPER,
    Reason.FORBIDDEN_ADDRESS: _WHOSE_ADDRESS,
    Reason.DECLINED: _PARTNER,
    Reason.INVALID: _CLERK,
    Reason.BUILD_FAILED: _DEVELOPER,
    Reason.NO_ATTACHMENT: _CLERK,
    Reason.FILE_MISSING: _ADMINISTRATOR,
    Reason.FILE_CHANGED: _ADMINISTRATOR,
    Reason.REFUSED: _OPERATOR,
    Reason.ALREADY_HELD: _OPERATOR,
    Reason.GONE: _OPERATOR,
    Reason.GAVE_UP: _OPERATOR,
}
