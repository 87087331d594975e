"""What the contract does not allow in a call: its address, headers and body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.api.contract import errors_in, operation_of, resolved, written

LINES = "application/x-ndjson"


def request_complaints(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    """Complaints about one call; `headers` by their names in small letters."""
    described = operation_of(method.lower(), target)
    if described is None:
        yield f"{method} {urlsplit(target).path} is not in the contract"
        return
    path, operation = described
    what = f"{method} {path}"
    places = {
        "path": _path_parameters(path, urlsplit(target).path),
        "query": _query(target),
        "header": {name: [text] for name, text in headers.items()},
    }
    parameters = [resolved(parameter) for parameter in operation.get("parameters", ())]
    for parameter in parameters:
        name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
        texts = places[parameter["in"]].get(name)
        if texts is not None:
            yield from (f"{what}: {name} {error}" for error in _errors_in_parameter(texts, parameter["schema"]))
        elif parameter.get("required"):
            yield f"{what}: {name} is missing"
    unknown = set(places["query"]) - {parameter["name"] for parameter in parameters if parameter["in"] == "query"}
    yield from (f"{what}: the parameter {name} is not described" for name in sorted(unknown))
    if not re.fullmatch(r"Bearer \S+", headers.get("authorization", "")):
        yield f"{what}: no token"
    if "transfer-encoding" in headers:
        yield f"{what}: the length of the body is not told"
    yield from (f"{what}: {error}" for error in _errors_in_body(operation.get("requestBody"), headers, body))


def _path_parameters(path: str, place: str) -> dict[str, list[str]]:
    texts = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path)), place)
    assert texts is not None, place
    return {name: [unquote(text)] for name, text in texts.groupdict().items()}


def _query(target: str) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for name, text in parse_qsl(urlsplit(target).query, keep_blank_values=True, strict_parsing=False):
        texts.setdefault(name, []).append(text)
    return texts


def _errors_in_parameter(texts: list[str], schema: Any) -> Iterator[str]:
    schema = resolved(schema)
    if schema.get("type") == "array":
        # Each value stands for itself, as `explode` says.
        yield from errors_in([written(text, schema["items"]) for text in texts], schema)
    elif len(texts) > 1:
        yield "is given several times"
    else:
        yield from errors_in(written(texts[0], schema), schema)


def _errors_in_body(described: Any, headers: Mapping[str, str], body: bytes) -> Iterator[str]:
    if described is None:
        if body:
            yield "a body that is not described"
        return
    if not body:
        if described.get("required"):
            yield "the body is missing"
        return
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    media = described["content"].get(kind)
    if media is None:
        yield f"a body of {kind or 'no type'} is not described"
    elif kind == "application/json":
        yield from errors_in(json.loads(body), media["schema"])
    elif kind == LINES:
        for line in body.splitlines():
            yield from errors_in(json.loads(line), media["schema"])
