"""Why a packet waits or has stopped, who can repair it, and how."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    # The packet waits and is tried again by itself.
    UNKNOWN_HOST = "unknown_host", _("không tìm thấy máy chủ của Cổng")
    UNREACHABLE = "unreachable", _("không kết nối được tới Cổng")
    TIMEOUT = "timeout", _("Cổng không trả lời kịp")
    LOGIN = "login", _("Cổng không chấp nhận client id hoặc client secret")
    TOKEN = "token", _("Cổng không nhận token đang dùng")
    BUSY = "busy", _("Cổng đang quá tải")
    SERVER_ERROR = "server_error", _("Cổng đang lỗi")
    UNREADABLE_REPLY = "garbage", _("trả lời không phải của Cổng")
    CONFIGURATION = "configuration", _("địa chỉ hoặc quyền gọi của Cổng cấu hình sai")
    LEASE_EXPIRED = "overslept", _("tiến trình gửi bị đứng quá lâu nên chưa gửi")
    INTERNAL = "internal", _("lỗi của phần mềm này")
    FORBIDDEN_ADDRESS = "forbidden_address", _("địa chỉ nhận nằm trong mạng không được gửi tới")
    DECLINED = "declined", _("nơi nhận thông báo không trả lời 2xx")
    # The packet has stopped and waits for a person.
    INVALID = "invalid", _("dữ liệu hồ sơ chưa đúng chuẩn")
    BUILD_FAILED = "unbuilt", _("không lập được gói tin, lỗi của phần mềm này")
    NO_ATTACHMENT = "no_attachment", _("Cổng bắt buộc có tệp đính kèm nhưng hồ sơ không có tệp nào")
    FILE_MISSING = "file_missing", _("không đọc được tệp đính kèm đã lưu")
    FILE_CHANGED = "file_changed", _("tệp đính kèm đã lưu không còn nguyên vẹn")
    REFUSED = "refused", _("Cổng từ chối gói tin")
    ALREADY_HELD = "already_held", _("Cổng báo đã có hồ sơ này, nội dung mới chưa được nhận")
    GONE = "gone", _("nơi nhận báo đã thôi nhận thông báo (410)")
    GAVE_UP = "gave_up", _("đã thử lại nhiều ngày mà không được")


# After these it is unknown whether the packet was taken: it was sent, and no answer of the receiver itself came back.
UNANSWERED = (Reason.UNREACHABLE, Reason.TIMEOUT, Reason.SERVER_ERROR, Reason.UNREADABLE_REPLY, Reason.INTERNAL)

# The portal's configuration is wrong. Nothing passes until a person repairs it, so the portal's light is red at once.
SET_UP_WRONG = (Reason.LOGIN, Reason.CONFIGURATION)

ADVICE: dict[str, Promise] = {
    Reason.UNKNOWN_HOST: _("Kiểm tra địa chỉ của Cổng và kết nối mạng. Gói tin được gửi lại tự động."),
    Reason.UNREACHABLE: _("Cổng hoặc đường truyền đang gián đoạn. Gói tin được gửi lại tự động."),
    Reason.TIMEOUT: _("Cổng đang chậm. Gói tin được gửi lại tự động."),
    Reason.LOGIN: _("Quản trị tích hợp sửa client id, client secret của Cổng. Sau đó gói tin được gửi lại tự động."),
    Reason.TOKEN: _("Không cần làm gì: token mới được lấy và gói tin được gửi lại ngay."),
    Reason.BUSY: _("Không cần làm gì: gói tin được gửi lại vào lúc Cổng hẹn."),
    Reason.SERVER_ERROR: _("Báo cho đơn vị vận hành Cổng nếu kéo dài. Gói tin được gửi lại tự động."),
    Reason.UNREADABLE_REPLY: _(
        "Kiểm tra địa chỉ của Cổng, tường lửa, proxy. Nếu Cổng trả lời theo cách riêng, quản trị tích hợp khai trường "
        "và giá trị báo thành công của Cổng. Gói tin được gửi lại tự động."
    ),
    Reason.CONFIGURATION: _(
        "Quản trị tích hợp kiểm tra địa chỉ gốc của Cổng và quyền gọi đã được cấp. "
        "Sau đó gói tin được gửi lại tự động."
    ),
    Reason.LEASE_EXPIRED: _("Kiểm tra máy chủ có bị treo hay tạm dừng không. Gói tin được gửi lại tự động."),
    Reason.INTERNAL: _("Gửi nhật ký của tiến trình đồng bộ cho đơn vị phát triển. Gói tin được gửi lại tự động."),
    Reason.FORBIDDEN_ADDRESS: _(
        "Sửa địa chỉ nhận: của Cổng thì quản trị tích hợp, của webhook thì đối tác; hoặc quản trị hệ thống cho phép "
        "mạng ấy bằng PORTAL_NETWORKS, WEBHOOK_NETWORKS. Gói tin được gửi lại tự động."
    ),
    Reason.DECLINED: _("Đối tác kiểm tra hệ thống nhận, địa chỉ và secret của mình. Gói tin được gửi lại tự động."),
    Reason.INVALID: _("Cán bộ một cửa sửa thông tin hồ sơ theo chi tiết dưới đây, rồi bấm gửi lại."),
    Reason.BUILD_FAILED: _("Gửi nhật ký cho đơn vị phát triển. Khi phần mềm đã được sửa, bấm gửi lại."),
    Reason.NO_ATTACHMENT: _("Cán bộ một cửa đính kèm giấy tờ đã quét vào hồ sơ, rồi bấm gửi lại."),
    Reason.FILE_MISSING: _("Quản trị hệ thống khôi phục tệp từ bản sao lưu, rồi bấm gửi lại."),
    Reason.FILE_CHANGED: _("Quản trị hệ thống khôi phục tệp gốc từ bản sao lưu, rồi bấm gửi lại."),
    Reason.REFUSED: _("Đọc trả lời của Cổng, sửa dữ liệu hoặc hỏi đơn vị vận hành Cổng, rồi bấm gửi lại."),
    Reason.ALREADY_HELD: _(
        "Hỏi đơn vị vận hành Cổng đang giữ nội dung nào. Nếu còn là nội dung cũ, đề nghị Cổng cho cập nhật, rồi bấm "
        "gửi lại. Nếu Cổng xác nhận đã có đúng nội dung này, bỏ gói và ghi lý do."
    ),
    Reason.GONE: _("Hỏi đối tác: đã thôi nhận thì để đối tác bỏ đăng ký; còn nhận thì bấm gửi lại."),
    Reason.GAVE_UP: _("Kiểm tra Cổng, rồi bấm gửi lại."),
}

_CLERK = _("cán bộ một cửa")
_OPERATOR = _("quản trị tích hợp")
_ADMINISTRATOR = _("quản trị hệ thống")
_PORTAL = _("đơn vị vận hành Cổng")
_DEVELOPER = _("đơn vị phát triển phần mềm")
_PARTNER = _("đối tác nhận thông báo")
_WHOSE_ADDRESS = _("quản trị tích hợp, hoặc đối tác nhận thông báo")
_NO_ONE = _("không ai, tự gửi lại")

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
