"""The demo office's ready texts: sentences that an office writes every day."""

from __future__ import annotations

from typing import Final

from onestop.catalog.models import Agency, Procedure
from onestop.dossiers.models import ReadyText

from .people import DESK, PROVINCE

Use = ReadyText.Use

# use, title, text, agency, code of the procedure ("" for all)
TEXTS: Final = (
    (
        Use.ASK_SUPPLEMENT,
        "Tờ khai thiếu thông tin",
        "Tờ khai chưa ghi đầy đủ thông tin tại các mục bắt buộc. Đề nghị ông/bà ghi bổ sung, ký và ghi rõ họ tên.",
        PROVINCE,
        "",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Bản sao chưa chứng thực",
        "Bản sao nộp kèm chưa được chứng thực và không có bản chính để đối chiếu. Đề nghị ông/bà nộp bản sao có "
        "chứng thực hoặc xuất trình bản chính để đối chiếu.",
        PROVINCE,
        "",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Thiếu văn bản ủy quyền",
        "Người nộp hồ sơ không phải là chủ hồ sơ. Đề nghị bổ sung văn bản ủy quyền theo quy định của pháp luật.",
        PROVINCE,
        "",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Tệp mờ, thiếu trang",
        "Tệp đính kèm bị mờ hoặc thiếu trang nên chưa đủ căn cứ giải quyết. Đề nghị ông/bà gửi lại bản chụp rõ nét, "
        "đủ các trang.",
        DESK,
        "",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Chưa ghi mã ngành",
        "Giấy đề nghị đăng ký hộ kinh doanh chưa ghi ngành, nghề theo Hệ thống ngành kinh tế Việt Nam. Đề nghị "
        "ông/bà ghi bổ sung mã ngành cấp bốn.",
        DESK,
        "1.001612",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Chưa có Giấy chứng sinh",
        "Hồ sơ chưa có Giấy chứng sinh. Nếu không có, đề nghị ông/bà nộp văn bản của người làm chứng xác nhận việc "
        "sinh; nếu không có người làm chứng thì nộp giấy cam đoan về việc sinh.",
        PROVINCE,
        "1.001193",
    ),
    (
        Use.ASK_SUPPLEMENT,
        "Thiếu bản vẽ móng",
        "Hồ sơ thiết kế chưa có bản vẽ mặt bằng móng và mặt cắt móng. Đề nghị chủ đầu tư bổ sung bản vẽ có xác nhận "
        "của đơn vị thiết kế.",
        PROVINCE,
        "1.013225",
    ),
    (
        Use.REFUSE,
        "Không thuộc thẩm quyền",
        "Hồ sơ không thuộc thẩm quyền giải quyết của cơ quan. Đề nghị ông/bà nộp hồ sơ tại cơ quan có thẩm quyền theo "
        "hướng dẫn của Bộ phận Một cửa.",
        PROVINCE,
        "",
    ),
    (
        Use.REFUSE,
        "Hồ sơ không hợp lệ",
        "Hồ sơ không đầy đủ, không hợp lệ theo quy định của thủ tục và ông/bà không bổ sung sau khi được hướng dẫn.",
        PROVINCE,
        "",
    ),
    (
        Use.DENY,
        "Không đủ điều kiện",
        "Qua thẩm định, hồ sơ không đủ điều kiện giải quyết theo quy định. Ông/bà có quyền khiếu nại kết quả này theo "
        "quy định của Luật Khiếu nại.",
        PROVINCE,
        "",
    ),
    (
        Use.DENY,
        "Trùng tên hộ kinh doanh",
        "Tên hộ kinh doanh đề nghị đăng ký trùng với tên hộ kinh doanh đã đăng ký trong cùng phạm vi cấp xã.",
        DESK,
        "1.001612",
    ),
    (
        Use.ASK_PAYMENT,
        "Theo thông báo thuế",
        "Theo thông báo nộp tiền của cơ quan thuế. Đề nghị ông/bà nộp trên Cổng Dịch vụ công quốc gia hoặc tại ngân "
        "hàng được ủy nhiệm thu.",
        PROVINCE,
        "",
    ),
    (
        Use.EXTEND,
        "Cần xác minh thêm",
        "Do cần thêm thời gian xác minh tại cơ quan liên quan, cơ quan chưa trả kết quả đúng hẹn. Cơ quan xin lỗi "
        "ông/bà và hẹn lại ngày trả kết quả.",
        PROVINCE,
        "",
    ),
    (
        Use.EXTEND,
        "Chờ ý kiến phối hợp",
        "Cơ quan được lấy ý kiến chưa trả lời nên hồ sơ chưa được giải quyết đúng hẹn. Cơ quan xin lỗi ông/bà và hẹn "
        "lại ngày trả kết quả.",
        PROVINCE,
        "",
    ),
    (
        Use.STOP,
        "Quá hạn bổ sung",
        "Quá thời hạn ghi trong phiếu yêu cầu, người nộp không bổ sung hồ sơ. Cơ quan dừng giải quyết; ông/bà có thể "
        "nộp lại hồ sơ khi đủ giấy tờ.",
        PROVINCE,
        "",
    ),
    (
        Use.WITHDRAW,
        "Theo đơn xin rút",
        "Chủ hồ sơ có đơn xin rút hồ sơ; cơ quan đã trả lại toàn bộ giấy tờ.",
        PROVINCE,
        "",
    ),
    (Use.APPROVE, "Đủ điều kiện", "Hồ sơ đầy đủ, hợp lệ, đủ điều kiện giải quyết theo quy định.", PROVINCE, ""),
    (
        Use.RETURN_RESULT,
        "Đã trao bản chính",
        "Đã trao bản chính kết quả cho chủ hồ sơ; chủ hồ sơ đã ký nhận.",
        PROVINCE,
        "",
    ),
    (Use.HAND_OVER, "Sắp đến hạn", "Hồ sơ sắp đến hạn, đề nghị xử lý trước.", DESK, ""),
    (Use.HAND_OVER, "Đúng chuyên môn", "Chuyển cán bộ phụ trách lĩnh vực để xử lý theo chuyên môn.", PROVINCE, ""),
    (
        Use.POSTPONE,
        "Nghỉ theo thông báo",
        "Hẹn trả rơi vào ngày nghỉ theo thông báo của cơ quan có thẩm quyền sau khi hồ sơ được tiếp nhận.",
        PROVINCE,
        "",
    ),
    (Use.REOPEN, "Ghi nhầm kết thúc", "Kết thúc hồ sơ được ghi nhầm; hồ sơ được xử lý tiếp.", PROVINCE, ""),
)


def write_texts() -> None:
    """Adds the texts; those of a procedure that the catalogue does not have apply to none and are left out."""
    agencies = {agency.code: agency for agency in Agency.objects.filter(code__in=(DESK, PROVINCE))}
    procedures = Procedure.objects.in_bulk([code for *_text, code in TEXTS if code], field_name="code")
    ReadyText.objects.bulk_create(
        ReadyText(use=use, title=title, text=text, agency=agencies[agency], procedure=procedures.get(code))
        for use, title, text, agency, code in TEXTS
        if not code or code in procedures
    )
