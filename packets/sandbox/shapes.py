"""Replies in the shapes that real portals use, by name: each says yes, no, nothing, or “already there” in one way."""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

JSON, HTML, TEXT = "application/json", "text/html; charset=utf-8", "text/plain; charset=utf-8"
PAGE = b"<!doctype html>\n<html><head><title>Proxy</title></head><body><p>OK</p></body></html>\n"
OK = {"Status": 0, "Message": "OK"}
NO = {"Status": 400, "Message": "Mã thủ tục chưa có trên Cổng."}


class Meaning(StrEnum):
    """How a careful reader understands a reply."""

    YES = "yes"
    NO = "no"
    # No answer, or one that reports a passing failure.
    NOTHING = "nothing"
    # The caller's address, right or format is wrong, whatever the packet says.
    SET_UP = "set-up"
    EXISTS = "exists"


@dataclass(frozen=True)
class Shape:
    meaning: Meaning
    body: bytes = b""
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> dict[str, str]:
        return {"Content-Type": self.media_type, **self.headers}


def _of(meaning: Meaning, content: object, status: int = 200) -> Shape:
    return Shape(meaning, json.dumps(content, ensure_ascii=False).encode(), status)


def _in(meaning: Meaning, content: object, charset: str, declared: str = "", *, mark: bytes = b"") -> Shape:
    body = mark + json.dumps(content, ensure_ascii=False).encode(charset)
    return Shape(meaning, body, media_type=f"{JSON}; charset={declared}" if declared else JSON)


def _large(content: Mapping[str, object]) -> dict[str, object]:
    """A reply far longer than usual."""
    return {"Data": "x" * 100_000, **content}


_ECHO = {
    **{"DocCode": "H22.001.00-260125-0001", "DocTypeCode": "1.001193", "CitizenName": "Nguyễn Thị Lan"},
    **{"Status": 1, "ProcessingOrganName": "UBND phường", "IsSuccess": False},
}
# “Đã nhận hồ sơ” as Windows-1258 has it: the tones are letters of their own. Then “Hồ sơ đã tồn tại”.
_NHAN, _EXISTS = "Đa\u0303 nhâ\u0323n hô\u0300 sơ", "Hô\u0300 sơ đa\u0303 tô\u0300n ta\u0323i"
_NO_LOGIN = {"fault": {"code": 900902, "message": "Missing Credentials", "description": "Make sure of the header"}}

YES = {
    "empty": Shape(Meaning.YES),
    "blank": Shape(Meaning.YES, b" \r\n\t"),
    "no-content": Shape(Meaning.YES, status=204),
    "accepted-202": Shape(Meaning.YES, status=202),
    "status-zero": _of(Meaning.YES, OK),
    "status-one": _of(Meaning.YES, {"Status": 1, "Message": "Thành công"}),
    "status-200": _of(Meaning.YES, {"Status": 200, "Message": "OK"}),
    "created-201": _of(Meaning.YES, OK, 201),
    "lower-case": _of(Meaning.YES, {"status": 200, "message": "success"}),
    "upper-case": _of(Meaning.YES, {"STATUS": 0, "MESSAGE": "OK"}),
    "status-in-text": _of(Meaning.YES, {"Status": "200", "Message": "OK"}),
    "zero-in-text": _of(Meaning.YES, {"Status": " 0 "}),
    "status-with-point": Shape(Meaning.YES, b'{"Status": 1.0}'),
    "one-level-down": _of(Meaning.YES, {"data": OK}),
    "in-a-list-below": _of(Meaning.YES, {"result": [{"Status": "200"}]}),
    "list-of-one": _of(Meaning.YES, [OK]),
    "in-a-string": _of(Meaning.YES, json.dumps(OK)),
    "in-a-string-below": _of(Meaning.YES, {"d": json.dumps(OK)}),
    "byte-order-mark": _in(Meaning.YES, OK, "utf-8", mark=codecs.BOM_UTF8),
    "utf-16": _in(Meaning.YES, OK, "utf-16", "utf-16"),
    "windows-1258": _in(Meaning.YES, {"Status": 0, "Message": _NHAN}, "cp1258", "windows-1258"),
    "large": _of(Meaning.YES, _large(OK)),
    "as-html": Shape(Meaning.YES, json.dumps(OK).encode(), media_type=HTML),
    "message-alone": _of(Meaning.YES, {"Message": "Tiếp nhận thành công"}),
    "with-no-error": _of(Meaning.YES, {**OK, "error_code": 0, "errors": [], "fault": None, "success": True}),
    "with-the-packet": _of(Meaning.YES, {**OK, "data": {**_ECHO, "Status": 8}}),
}
REFUSALS = {
    "no-400": _of(Meaning.NO, NO),
    "no-lower-case": _of(Meaning.NO, {"status": 400, "message": "Sai mã thủ tục"}),
    "no-in-text": _of(Meaning.NO, {"Status": "400", "Message": "Sai mã thủ tục"}),
    "no-minus-one": _of(Meaning.NO, {"Status": -1, "Message": "Lỗi dữ liệu"}),
    "no-false": _of(Meaning.NO, {"Status": False}),
    "no-word": _of(Meaning.NO, {"status": "error", "message": "DocCode"}),
    "no-one-level-down": _of(Meaning.NO, {"data": NO}),
    "no-below-a-yes": _of(Meaning.NO, {"status": 200, "data": NO}),
    "no-in-a-string": _of(Meaning.NO, json.dumps(NO)),
    "no-in-a-string-below": _of(Meaning.NO, {"d": json.dumps(NO)}),
    "no-in-a-list": _of(Meaning.NO, [NO]),
    "no-twice": Shape(Meaning.NO, b'{"Status": 0, "Message": "OK", "Status": 400}'),
    "no-utf-16": _in(Meaning.NO, NO, "utf-16-le", "utf-16le"),
    "no-large": _of(Meaning.NO, _large(NO)),
    "no-message-alone": _of(Meaning.NO, {"Message": "Thiếu trường bắt buộc"}),
    "error-code": _of(Meaning.NO, {"error_code": 5, "message": "Không tìm thấy thủ tục"}),
    "error-code-in-text": _of(Meaning.NO, {"errorCode": "E102"}),
    "error-beside-a-yes": _of(Meaning.NO, {"Status": 200, "error_code": 5}),
    "errors-beside-a-yes": _of(Meaning.NO, {**OK, "errors": ["DateReceived"]}),
    "fault": _of(Meaning.NO, _NO_LOGIN),
    "success-false": _of(Meaning.NO, {"success": False, "message": "Sai dữ liệu"}),
    "success-false-in-text": _of(Meaning.NO, {"Success": "false"}),
    "http-400": _of(Meaning.NO, NO, 400),
    "http-400-page": Shape(Meaning.NO, PAGE, 400, HTML),
    "http-422": _of(Meaning.NO, {"errors": {"DocCode": ["bắt buộc"]}}, 422),
    "http-413": Shape(Meaning.NO, b"Request Entity Too Large", 413, TEXT),
    "http-409": _of(Meaning.NO, {"Status": 409, "Message": "Khóa này dùng cho một gói tin khác."}, 409),
    "http-400-saying-ok": _of(Meaning.NO, OK, 400),
    "duplicate-field": _of(Meaning.NO, {"Status": 400, "Message": "Duplicate field 'Attachments'"}, 400),
    "http-403-in-its-words": _of(
        Meaning.NO, {"Status": 403, "Message": "Cơ quan này không được gửi thủ tục ấy."}, 403
    ),
    "http-404-in-its-words": _of(Meaning.NO, {"Status": "404", "Message": "Không có thủ tục này."}, 404),
    "session-exists": _of(Meaning.NO, {"Status": 403, "Message": "Session already exists"}, 403),
}
NO_ANSWERS = {
    "page": Shape(Meaning.NOTHING, PAGE, 200, HTML),
    "broken": Shape(Meaning.NOTHING, b'{"Status": 0, "Mess'),
    "text-ok": Shape(Meaning.NOTHING, b"OK", 200, TEXT),
    "string-ok": _of(Meaning.NOTHING, "OK"),
    "null": _of(Meaning.NOTHING, None),
    "number": _of(Meaning.NOTHING, 0),
    "empty-list": _of(Meaning.NOTHING, []),
    "empty-object": _of(Meaning.NOTHING, {}),
    "two-answers": _of(Meaning.NOTHING, [OK, OK]),
    "other-words": _of(Meaning.NOTHING, {"id": 12, "created": "2026-01-25"}),
    "result-null": _of(Meaning.NOTHING, {"result": None}),
    "success-true-alone": _of(Meaning.NOTHING, {"success": True}),
    "error-code-zero-alone": _of(Meaning.NOTHING, {"error_code": 0}),
    "status-null": _of(Meaning.NOTHING, {"Status": None}),
    "status-true": _of(Meaning.NOTHING, {"Status": True}),
    "status-unknown-word": _of(Meaning.NOTHING, {"Status": "PENDING"}),
    "two-levels-down": _of(Meaning.NOTHING, {"a": {"b": OK}}),
    "the-packet-alone": _of(Meaning.NOTHING, _ECHO),
    "endless": Shape(Meaning.NOTHING, b'{"Status": 0, "Data": "' + b"x" * (5 * 1024 * 1024) + b'"}'),
    "status-503": _of(Meaning.NOTHING, {"Status": 503, "Message": "Hệ thống bảo trì"}),
    "status-429": _of(Meaning.NOTHING, {"Status": "429", "Message": "Quá nhiều yêu cầu"}),
    "status-401": _of(Meaning.NOTHING, {"Status": 401, "Message": "Token hết hạn"}),
    "http-400-with-500": _of(Meaning.NOTHING, {"Status": 500, "Message": "Lỗi hệ thống"}, 400),
    "http-408": Shape(Meaning.NOTHING, status=408),
    "http-429": Shape(Meaning.NOTHING, status=429, headers={"Retry-After": "0"}),
    "http-500": _of(Meaning.NOTHING, {"Status": 400, "Message": "NullReferenceException"}, 500),
    "http-502-page": Shape(Meaning.NOTHING, PAGE, 502, HTML),
    "http-302": Shape(Meaning.NOTHING, status=302, headers={"Location": "/elsewhere"}),
}
SET_UP = {
    "http-403": Shape(Meaning.SET_UP, status=403),
    "http-403-page": Shape(Meaning.SET_UP, PAGE, 403, HTML),
    "http-403-session-exists": _of(Meaning.SET_UP, {"message": "Session already exists"}, 403),
    "http-404": Shape(Meaning.SET_UP, b"Not Found", 404, TEXT),
    "http-404-gateway": _of(Meaning.SET_UP, {"message": "no Route matched with those values"}, 404),
    "http-404-framework": _of(
        Meaning.SET_UP, {"timestamp": 1, "status": 404, "error": "Not Found", "path": "/Document/SyncDocument"}, 404
    ),
    "http-405": Shape(Meaning.SET_UP, status=405, headers={"Allow": "GET"}),
    "http-406": Shape(Meaning.SET_UP, PAGE, 406, HTML),
    "http-415": Shape(Meaning.SET_UP, status=415),
    "http-417": Shape(Meaning.SET_UP, status=417),
}
EXISTING = {
    "exists": _of(Meaning.EXISTS, {"Status": 7, "Message": "Hồ sơ đã tồn tại"}),
    "exists-status-200": _of(Meaning.EXISTS, {"Status": 200, "Message": "Document already exists"}),
    "exists-message-alone": _of(Meaning.EXISTS, {"message": "Ho so da ton tai"}),
    "exists-below": _of(Meaning.EXISTS, {"data": {"Status": "409", "Message": "Hồ sơ đã tồn tại trên Cổng"}}),
    "exists-windows-1258": _in(Meaning.EXISTS, {"Status": 7, "Message": _EXISTS}, "cp1258", "windows-1258"),
    "exists-400": _of(Meaning.EXISTS, {"Status": 400, "Message": "Mã hồ sơ đã tồn tại"}, 400),
    "exists-403": _of(Meaning.EXISTS, {"Status": 403, "Message": "Hồ sơ đã tồn tại"}, 403),
    "exists-409-text": Shape(Meaning.EXISTS, "Hồ sơ đã tồn tại".encode(), 409, TEXT),
    "exists-500-database": _of(
        Meaning.EXISTS, {"Message": 'duplicate key value violates unique constraint "document_code_key"'}, 500
    ),
}
SHAPES: dict[str, Shape] = {**YES, **REFUSALS, **NO_ANSWERS, **SET_UP, **EXISTING}

# What a reply with a token may give as `expires_in`, as JSON; "" for no such field.
LIVES = {
    "lasts-in-text": '"3600"',
    "lasts-absent": "",
    "lasts-null": "null",
    "lasts-zero": "0",
    "lasts-negative": "-1",
    "lasts-endless": "1e400",
    "lasts-huge": "9" * 400,
    "lasts-not-a-number": "NaN",
    "lasts-never": '"never"',
    "lasts-true": "true",
}
