"""Completes the generated contract: shared answers and headers, and what generators and linters of clients require.

The settings name `completed` as a hook of the library that generates the contract.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import yaml
from django.utils.translation import gettext as _

from .answers import ALWAYS, RATE, REFUSALS, SUCCESSES, headers, if_none_match, referred, refusals
from .error_codes import listed

Contract = dict[str, Any]
# The numbers of YAML 1.2. The library writes YAML 1.1, in which `0912000111` is text and needs no quotation marks.
# Most generators of clients read YAML 1.2, in which it is a number.
NUMBERS: Final = re.compile(r"^(0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$")
_NULL: Final = {"$ref": "#/components/schemas/NullEnum"}
_A_DOSSIER: Final = {"$ref": "#/components/schemas/DossierDetail"}
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_DUMPER.add_implicit_resolver("tag:yaml.org,2002:float", NUMBERS, list("-+.0123456789"))


def completed(result: Contract, **_more: object) -> Contract:
    """1. Describe every answer, with its headers; refusals by reference.
    2. Make what was written for people safe for programs: names in ASCII, null where a reference may be null.
    3. Add the resources, the office's address, and the list of error codes.
    """
    components = result["components"]
    for operation in _operations(result):
        _complete(operation)
    for schema in _objects(result):
        _without_title(schema)
        _or_null(schema)
        if isinstance(examples := schema.get("examples"), dict):
            schema["examples"] = {_ascii(name): example for name, example in examples.items()}
    components["schemas"].setdefault("NullEnum", {"enum": [None]})
    if "BlankEnum" in components["schemas"]:
        components["schemas"]["BlankEnum"]["type"] = "string"
    code = components["schemas"]["FaultRow"]["properties"]["code"]
    code["description"] = _("Mã lỗi cho chương trình. Có thể có thêm mã mới. Các mã:") + "\n\n" + listed()
    result["components"] = {**components, "headers": headers(), "responses": refusals()}
    result["tags"] = [{"name": name, "description": text} for name, text in _tags().items()]
    return result


def _operations(result: Contract) -> Iterator[Contract]:
    for path in result["paths"].values():
        yield from (operation for operation in path.values() if isinstance(operation, dict))


def _complete(operation: Contract) -> None:
    """Describes the answers of one operation, and the header with which a read answer is revalidated."""
    responses: Contract = operation["responses"]
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    for status, response in responses.items():
        plain = response.get("content", {}).get("application/json", {}).get("schema", {})
        if status in REFUSALS and plain == {"$ref": "#/components/schemas/Problem"} and len(response["content"]) == 1:
            responses[status] = {"$ref": f"#/components/responses/{REFUSALS[status].name}"}
            continue
        more = [*ALWAYS, *RATE]
        if ("304" in responses and status in ("200", "304")) or plain == _A_DOSSIER:
            more.append("ETag")
        if "Idempotency-Key" in names and status.startswith("2"):
            more.append("Idempotency-Replayed")
        response["headers"] = referred(more) | response.get("headers", {})
        if status in REFUSALS:
            # Besides the lines of a refused bulk intake.
            shared = REFUSALS[status].described()
            response["content"] |= shared["content"]
            response["description"] = shared["description"]
        response["description"] = response["description"] or str(SUCCESSES[status])
    operation["responses"] = dict(sorted(responses.items()))
    if "304" in responses:
        operation["parameters"] = [*operation.get("parameters", ()), if_none_match()]


def _objects(part: Any) -> Iterator[Contract]:
    if isinstance(part, dict):
        yield part
        for one in list(part.values()):
            yield from _objects(one)
    elif isinstance(part, list):
        for one in part:
            yield from _objects(one)


def _without_title(schema: Contract) -> None:
    """Generators name classes after titles, which are Vietnamese. The title becomes the description."""
    if isinstance(title := schema.get("title"), str) and ({"type", "allOf", "oneOf", "$ref"} & set(schema)):
        del schema["title"]
        schema.setdefault("description", title)


def _or_null(schema: Contract) -> None:
    """What refers to a schema and may be null is one of both.

    `nullable` counts only beside a type, and beside a type and a reference some generators forget the null.
    """
    if schema.get("nullable") is True and "type" not in schema:
        del schema["nullable"]
        referred_to = [*schema.pop("allOf", ()), *schema.pop("oneOf", ())]
        schema["oneOf"] = [*(one for one in referred_to if one != _NULL), _NULL]


def _ascii(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D"))
    return re.sub(r"[^A-Za-z0-9]+", "_", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def _tags() -> dict[str, str]:
    return {
        "dossiers": _("Hồ sơ: nộp, đọc, sửa, xử lý từng bước, tệp đính kèm, đánh giá."),
        "agencies": _("Cơ quan, đơn vị tiếp nhận và giải quyết hồ sơ."),
        "communes": _("Xã, phường, đặc khu hiện nay; tìm được bằng tên và mã trước sắp xếp."),
        "fields": _("Lĩnh vực của thủ tục hành chính."),
        "procedures": _("Thủ tục hành chính: thời hạn, thành phần hồ sơ, phí và lệ phí, kết quả."),
        "votes": _("Kết quả người dân đánh giá."),
        "statistics": _("Số liệu tiếp nhận và giải quyết hồ sơ."),
        "packets": _("Tình trạng đồng bộ hồ sơ lên Cổng Dịch vụ công quốc gia."),
        "webhooks": _("Địa chỉ nhận thông báo của đối tác."),
        "me": _("Thông tin của chính đối tác và token đang dùng."),
    }
