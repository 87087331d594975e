"""What no screen, mail, print or error says, in either language, and what an office writes instead.

Three kinds: words of developers, words of speech, and the texts that were replaced by those of the decrees. Patterns
of regular expressions, looked for without regard to capitals. The partner contract, the practice portal and what the
commands of the server print have readers of their own, and are not searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

# Neither language has them.
OF_DEVELOPERS = {
    r"\b(?:sync_packets|load_calendar|load_demo|close_period|resend_packets|send_digest)\b": "what is to do",
    r"manage\.py|--loop\b|\bverify_evidence\b": "the command in <code>, marked as for the system administrator",
    r"\b(?:PORTAL|WEBHOOK)_NETWORKS\b": "cấu hình các mạng được phép",
    r"\bholidays \d|thư viện holidays|the `?holidays`? library": "lịch có sẵn của phần mềm",
    r"\bsuperuser\b": "quản trị hệ thống",
    r"^\s*[\[{]\s*\"": "the sentence of the reply, not its JSON",
    r"(?<!, )(?<!\()\b(?:null|traceback|queryset|repr|varchar)\b": "a word of the office",
    r"\b\w+Error\b|\bDoesNotExist\b": "a sentence",
    r"\b2xx\b": "xác nhận đã nhận",
}
VIETNAMESE = {
    # Speech.
    r"\bgõ\b": "nhập",
    r"\bcũng được\b": "có thể",
    r"(?<!thực )(?<!đã )(?<!chưa )\b(?:không )?làm được\b|\bđi được\b": "thực hiện, hợp lệ",
    r"\b(?:đã|chưa|sẽ) làm\b(?! việc\b)": "thành công, chưa thực hiện, sẽ thực hiện",
    r"\bin được\b": "có thể in",
    r"\bđược báo\b(?! cáo)": "được đồng bộ, được thông báo",
    r"\bbáo (?:lại )?lên cổng\b": "đồng bộ lên Cổng",
    r"\bđể yên\b|\bcòn dở\b|\bnói lại\b|\bvào đâu\b|\bchịu được\b|\blàm sai\b": "a term",
    r"^thôi$": "quay lại, hủy",
    r"\bhãy\b|\bxin (?:chờ|thử|nhập|xem|nhờ|bấm|gõ|trả lời)\b": "vui lòng",
    r"\bkhông cần làm gì\b": "không cần xử lý",
    # Replaced by the terms of the decrees.
    r"\bgiấy tờ nộp kèm\b|\bchưa ghi giấy tờ\b": "thành phần hồ sơ",
    r"\bmỗi việc sẽ\b": "giải thích các thao tác",
    r"\bvì sao (?:là|bỏ|công bố)\b": "cách tính, lý do",
    r"\bxin lỗi, gia hạn\b": "gia hạn (xin lỗi và hẹn lại ngày trả)",
    r"\bkhông đồng ý\b|^kết luận$": "từ chối giải quyết; kết quả",
    r"\bngười duyệt\b|\bý kiến duyệt\b": "người ký duyệt, ý kiến phê duyệt",
    r"\bhẹn cũ\b": "hạn trước khi tạm dừng",
    r"\bxong (?:đúng|trễ) hạn\b": "hoàn thành đúng hạn, hoàn thành trễ hạn",
    r"\bai đang giữ\b|\bviệc của một cửa\b|\btừ hôm qua\b|\bsắp và đã quá hạn\b": "the headings of the first page",
    r"\bviệc hàng loạt\b|\blàm cho nhiều\b|\bcả danh sách\b": "thao tác hàng loạt, tất cả hồ sơ",
    r"\bbất kỳ (?:ai|lúc nào)\b": "tất cả",
    r"\bđã xong\b|\bđã dừng giữa chừng\b": "hoàn tất",
    r"\bchưa ghi được\b|\bchưa có gì được ghi\b|\btrường này là bắt buộc\b": "chưa lưu được; nhập …",
    r"\b(?:xanh|vàng|đỏ): ": "hoạt động bình thường, cần theo dõi, cần xử lý",
    r"\bgói tin\b|\bbỏ gói\b|\bgói đi trước\b": "gói dữ liệu, hủy gói, gói trước",
    r"\bgiới hạn giữ\b": "giới hạn gửi theo thỏa thuận với Cổng",
    r"\bđã (?:làm|xem) gì\b|^ai$|^lúc$|^việc$": "nhật ký; người thực hiện, thời điểm, thao tác",
    r"\bmáy đánh giá\b|\bki-ốt\b": "thiết bị đánh giá, kiosk",
    r"\bkhông ai biết\b|\bđược phục vụ thế nào\b|\bphải gặp\b|\bnhững điều khác\b": "the texts of the ballot",
    r"\btin nhắn\b|\bbốn số cuối\b": "giấy tiếp nhận; 4 số cuối",
    r"\bđang đứng\b|^bảng này$": "đang chọn; hiện bảng phím tắt",
    r"\blà khác nhau\b": "phân biệt chữ hoa, chữ thường",
    r"\bvề trang đầu\b": "về trang chủ",
    r"\bthư điện tử\b|\bthông tin khác\b": "email; ghi chú về người nộp",
    r"\bcon người và cấu hình\b|\bdấu đã đánh giá\b|\bdãy số trong ngày\b|\bdữ kiện\b": "labels of the admin",
    # Django's own Vietnamese.
    r"\bbản ghi nhớ\b|\bđi đến\b|^\s*bởi \b|\bđể thay đổi$|\btrạng thái superuser\b": "locale/vi",
    r"\bclick\b|\bsite quản trị\b|\btrang web admin\b|\bmô models\b|\bcho phép cho phép\b": "locale/vi",
}
ENGLISH = {
    r"\bis told\b|\bare told\b": "is notified, is synchronised",
    r"\bwhat will each do\b|\bwhat was done\b|\bwhat was looked at\b|\bhow much in hand\b": "a noun",
    r"\banybody(?:’s)?\b|\bsomebody\b|\bwhoever\b|\bnobody\b": "all, a person, none",
    r"\banew\b|\breckoned\b|\bfares?\b": "again, computed, state",
    r"\bgives? up\b|\bgave up\b|\bgiven up\b": "cancel",
    r"\bnot done yet\b|\bcould not be done\b|\bwill not do\b": "not carried out, failed, not valid",
    r"\bold due date\b|\bfinished (?:late|on time)\b": "due date before the pause, completed",
    r"\bwould go\b|\bto go first\b": "valid, previous packet",
    r"\bthis table\b|\bwho has\b|\btype it again\b": "keyboard shortcuts, access log, enter it again",
    r"\b(?:green|amber|red): ": "working normally, needs attention, needs action",
    r"\brating kiosk\b": "rating device",
    r"^this field is required\.$": "Enter: …",
}
LISTS: Final = {"vi": OF_DEVELOPERS | VIETNAMESE, "en": OF_DEVELOPERS | ENGLISH}
PATTERNS: Final = {
    language: [(re.compile(pattern, re.IGNORECASE), better) for pattern, better in words.items()]
    for language, words in LISTS.items()
}


def forbidden(texts: Iterable[str], language: str) -> Iterator[str]:
    """A line about every forbidden word in `texts`: the word, what to write, and the text."""
    for text in texts:
        for pattern, better in PATTERNS[language]:
            if word := pattern.search(text):
                yield f"“{word[0]}” (better: {better}) in: {text[:160]}"
