"""What must hold of every answer, whatever was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from schemathesis import APIOperation, Case, CheckFunction, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from .spoiling import Sent

# Of whatever values its four kinds of parameters have.
AnyCase = Case[Any]
AnyOperation = APIOperation[Any, Any, Any, Any]

AS_DESCRIBED: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OURS = "content-language"
LONGEST_ADDRESS = 4_000
# An answer with a line for each row, which may say 422 of them all.
LINES = "application/x-ndjson"
# What every page of gunicorn's own begins with: of a call that never reached the office.
TURNED_DOWN = b"<html>\n  <head>\n    <title>"


def of_generated(case: AnyCase, response: Response, token: str, scopes: frozenset[str] | None) -> Iterator[str]:
    """Complaints about the answer to a call as it was generated; `scopes` of its token, None for all."""
    if response.status_code == 414 and OURS not in response.headers:
        # The web server reads no address as long as that.
        if len(response.request.path_url or "") < LONGEST_ADDRESS:
            yield f"{case.operation.label}: 414 for a short address"
        return
    # Of a bulk each row is refused in its own line of an answer that says 200.
    refuses_rows = case.operation.path.endswith("/bulk") and b'"created":0' in response.content
    yield from _by_checks(case, response, [*AS_DESCRIBED, *([] if refuses_rows else [negative_data_rejection])], token)
    yield from _of_scopes(case.operation, response, scopes)


def of_spoiled(case: AnyCase, response: Response, token: str, before: Sent, sent: Sent) -> Iterator[str]:
    """Of a call that was spoiled: it is answered as described, or as a fault in the common shape."""
    is_same_operation = (before.method, before.path) == (sent.method, sent.path)
    if response.status_code >= 500:
        yield f"{case.operation.label}: {response.status_code}"
    elif not sent.path.startswith("/api/"):
        # Elsewhere are pages for people.
        return
    elif OURS not in response.headers:
        # The web server itself turned it down, before it reached the office.
        if response.status_code < 400 or not response.content.startswith(TURNED_DOWN):
            yield f"{case.operation.label}: {response.status_code} that is nobody's"
    elif is_same_operation and (response.status_code < 400 or LINES in response.headers.get("content-type", ())):
        yield from _by_checks(case, response, AS_DESCRIBED, token)
    elif response.status_code >= 400 and sent.method != "HEAD":
        yield from _of_problem(case, response)


def _by_checks(case: AnyCase, response: Response, checks: list[CheckFunction], token: str) -> Iterator[str]:
    try:
        case.validate_response(response, checks=checks, headers={"Authorization": token})
    except FailureGroup as group:
        yield from (
            _told(case, response, failure) for failure in group.exceptions if not _was_asked_for(case, failure)
        )
    except Failure as failure:
        if not _was_asked_for(case, failure):
            yield _told(case, response, failure)


def _was_asked_for(case: AnyCase, failure: Failure) -> bool:
    """With `fields=` other fields are left out; a description has no words for that."""
    return "fields" in case.query and "is a required property" in failure.message


def _told(case: AnyCase, response: Response, failure: Failure) -> str:
    """Short enough that the same fault has the same words."""
    about = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{5,}", "…", failure.message)
    return f"{case.operation.label}: {response.status_code}: {failure.title}: {about[:300]}"


def _of_scopes(operation: AnyOperation, response: Response, scopes: frozenset[str] | None) -> Iterator[str]:
    """Whoever has no scope for it is let in nowhere."""
    needed = {name for way in operation.definition.raw.get("security", ()) for name in way.get("oauth2", ())}
    if operation.path.endswith("/me"):
        # Open to every token.
        return
    if not needed:
        yield f"{operation.label}: needs no scope"
    elif scopes is not None and not needed <= scopes and response.status_code not in (401, 403, 404):
        yield f"{operation.label}: {response.status_code} without {', '.join(sorted(needed))}"


def _of_problem(case: AnyCase, response: Response) -> Iterator[str]:
    try:
        told: Any = json.loads(response.content)
        assert set(told) == {"type", "errors"}
        assert all(set(fault) == {"code", "detail", "attr"} for fault in told["errors"])
        assert told["errors"]
    except (ValueError, AssertionError):
        yield f"{case.operation.label}: {response.status_code} in another shape: {response.content[:150]!r}"
