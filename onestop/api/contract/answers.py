"""The answers and headers that all operations of the contract share, each described once, with an example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

TEXT: Final = {"type": "string"}
NUMBER: Final = {"type": "integer", "minimum": 0}

# Schema, description and example of each header.
HEADERS: Final[dict[str, tuple[dict[str, Any], StrOrPromise, object]]] = {
    "Content-Language": ({"type": "string", "enum": ["vi", "en"]}, _("Ngôn ngữ của các câu trong câu trả lời."), "vi"),
    "X-Request-ID": (
        TEXT,
        _("Số của lần gọi: số đã gửi trong X-Request-ID, hoặc số do máy chủ đặt. Nêu số này khi cần hỗ trợ."),
        "0198c1f4-5a70-7cc1-b1c4-2f6f1f0a8c11",
    ),
    "RateLimit-Policy": (TEXT, _("Số lần gọi được phép (q) trong số giây (w)."), '"minute";q=600;w=60'),
    "RateLimit": (TEXT, _("Số lần gọi còn lại (r) cho đến khi hết số giây (t)."), '"minute";r=598;t=41'),
    "RateLimit-Limit": (NUMBER, _("Số lần gọi được phép trong một phút."), 600),
    "RateLimit-Remaining": (NUMBER, _("Số lần gọi còn lại trong phút này."), 598),
    "RateLimit-Reset": (NUMBER, _("Số giây đến phút tiếp theo."), 41),
    "ETag": (
        TEXT,
        _("Phiên bản của nội dung, để gửi trong If-None-Match hoặc If-Match."),
        '"5d41402abc4b2a76b9719d911017c592"',
    ),
    "Idempotency-Replayed": (
        {"type": "string", "enum": ["true"]},
        _("Đây là câu trả lời của lần gọi trước có cùng Idempotency-Key."),
        "true",
    ),
    "Retry-After": (NUMBER, _("Số giây nên chờ trước khi gọi lại."), 5),
    "WWW-Authenticate": (
        TEXT,
        _("Cách xác thực theo RFC 6750; `scope` là quyền còn thiếu."),
        'Bearer realm="api", error="insufficient_scope", scope="dossiers:read"',
    ),
}
ALWAYS: Final = ("Content-Language", "X-Request-ID")
RATE: Final = ("RateLimit-Policy", "RateLimit", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


class Refusal(NamedTuple):
    """An answer with errors. `code` and `detail` are those of its example; `attr` is its field."""

    name: str
    description: StrOrPromise
    code: str
    detail: StrOrPromise
    attr: str | None = None
    headers: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        kind = "validation_error" if self.attr else "client_error"
        example = {"type": kind, "errors": [{"code": self.code, "detail": str(self.detail), "attr": self.attr}]}
        problem = {"$ref": "#/components/schemas/Problem"}
        return {
            "description": str(self.description),
            "headers": referred((*ALWAYS, *self.headers)),
            "content": {"application/json": {"schema": problem, "example": example}},
        }


REFUSALS: Final = {
    "400": Refusal(
        "BadRequest",
        _("Nội dung hoặc tham số không đúng; mỗi lỗi nêu trường của nó."),
        "required",
        _("Trường này là bắt buộc."),
        "papers.0.name",
        RATE,
    ),
    "401": Refusal(
        "Unauthorized",
        _("Thiếu token, hoặc token không còn dùng được; xin token mới."),
        "authentication_failed",
        _("Token không đúng, đã hết hạn hoặc đã bị thu hồi."),
        headers=("WWW-Authenticate",),
    ),
    "403": Refusal(
        "Forbidden",
        _("Token không có quyền cần thiết; WWW-Authenticate nêu quyền đó."),
        "scope",
        _("Token này không có quyền cần cho việc này."),
        headers=("WWW-Authenticate",),
    ),
    "404": Refusal(
        "NotFound",
        _("Không có, hoặc ngoài phạm vi được xem của đối tác."),
        "not_found",
        _("Không tìm thấy."),
        None,
        RATE,
    ),
    "406": Refusal(
        "NotAcceptable",
        _("Không trả lời được theo kiểu nội dung trong Accept."),
        "not_acceptable",
        _("Không thể đáp ứng yêu cầu theo kiểu nội dung trong Accept."),
    ),
    "409": Refusal(
        "Conflict",
        _("Trạng thái hiện tại không cho phép; hoặc lần gọi trước với Idempotency-Key này chưa xong."),
        "move_refused",
        _("Hồ sơ đang ở trạng thái không cho phép bước này."),
        headers=(*RATE, "Retry-After"),
    ),
    "411": Refusal(
        "LengthRequired",
        _("Thiếu Content-Length."),
        "no_length",
        _("Cần Content-Length; không nhận Transfer-Encoding: chunked."),
        headers=RATE,
    ),
    "412": Refusal(
        "PreconditionFailed",
        _("Hồ sơ đã thay đổi từ lần đọc có ETag trong If-Match."),
        "changed",
        _("Hồ sơ đã thay đổi từ khi được đọc; hãy đọc lại rồi làm lại."),
        headers=RATE,
    ),
    "413": Refusal(
        "ContentTooLarge", _("Nội dung gửi lên quá lớn."), "too_large", _("Nội dung gửi lên quá lớn."), None, RATE
    ),
    "415": Refusal(
        "UnsupportedMediaType",
        _("Không nhận kiểu nội dung trong Content-Type."),
        "unsupported_media_type",
        _("Không hỗ trợ kiểu nội dung này."),
        headers=RATE,
    ),
    "422": Refusal(
        "UnprocessableContent",
        _("Idempotency-Key đã dùng cho một lần gọi khác."),
        "key_reused",
        _("Idempotency-Key này đã dùng cho một lần gọi khác."),
        headers=RATE,
    ),
    "429": Refusal(
        "TooManyRequests",
        _("Vượt số lần gọi trong một phút."),
        "throttled",
        _("Đã vượt số lần gọi cho phép."),
        headers=(*RATE, "Retry-After"),
    ),
}
# Descriptions of answers without errors.
SUCCESSES: Final[dict[str, StrOrPromise]] = {
    "200": _("Thành công."),
    "201": _("Đã tạo."),
    "204": _("Thành công, không có nội dung."),
    "304": _("Không đổi từ lần đọc có ETag này (If-None-Match)."),
}


def referred(names: Sequence[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def headers() -> dict[str, Any]:
    """The headers as components of the contract."""
    return {
        name: {"description": str(description), "required": name in ALWAYS, "schema": schema, "example": example}
        for name, (schema, description, example) in HEADERS.items()
    }


def refusals() -> dict[str, Any]:
    """The answers with errors as components of the contract."""
    return {refusal.name: refusal.described() for refusal in REFUSALS.values()}


def if_none_match() -> dict[str, Any]:
    return {
        "in": "header",
        "name": "If-None-Match",
        "schema": TEXT,
        "description": gettext("ETag của lần đọc trước; nội dung không đổi thì được trả lời 304."),
    }
