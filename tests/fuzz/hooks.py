"""What `standard` tells schemathesis of this API, by the tool's own means: hooks, a serializer, a check of ours.

schemathesis imports this module; the running office is named by OFFICE_ADDRESS, OFFICE_TOKEN and OFFICE_DESCRIPTION.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any

import requests
import schemathesis
import yaml
from schemathesis import CheckContext, HookContext, Response, SerializationContext
from schemathesis.core.parameters import ParameterLocation

from tests.api.contract import errors_in

from .judging import LINES, AnyCase
from .pool import Pool
from .real_keys import RealKeys

_address, _token = os.environ["OFFICE_ADDRESS"], os.environ["OFFICE_TOKEN"]
_session = requests.Session()
_session.trust_env = False
_session.headers["Authorization"] = _token


def _read(path: str) -> Any:
    answer = _session.get(f"{_address}/api/v1/{path}", timeout=30)
    return answer.json() if answer.status_code == 200 else None


def _real_keys() -> RealKeys:
    described = yaml.load(
        Path(os.environ["OFFICE_DESCRIPTION"]).read_text(encoding="utf-8"),
        Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader),  # noqa: S506 a safe loader of our file
    )
    random = Random(0)  # noqa: S311 repeatable, not secret
    pool = Pool(list(described["paths"]), random)
    for kind in ("dossiers", "packets", "agencies", "fields", "procedures"):
        pool.learn(f"/api/v1/{kind}", {}, _read(f"{kind}?limit=200"))
    for row in _read("dossiers?limit=200")["results"]:
        place = "/api/v1/dossiers/{uuid}/attachments"
        pool.learn(place, {"uuid": row["uuid"]}, _read(f"dossiers/{row['uuid']}/attachments"))
    return RealKeys(pool, random, _read)


_keys = _real_keys()


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    _keys.fill(case)


@schemathesis.hook
def after_call(context: HookContext, case: AnyCase, response: Response) -> None:
    if response.status_code < 300 and response.headers.get("content-type") == ["application/json"]:
        _keys.learn(case, json.loads(response.content))


@schemathesis.serializer(LINES)
def one_line(context: SerializationContext, value: Any) -> bytes:
    """A row as a line, which the tool has no serializer for."""
    return json.dumps(value).encode()


@schemathesis.check
def rows_are_judged_one_by_one(context: CheckContext, response: Response, case: AnyCase) -> None:
    """A bulk says of each row, in a line, what elsewhere the status says of the call."""
    if LINES not in "".join(response.headers.get("content-type", ())):
        return
    lines = [json.loads(line) for line in response.content.splitlines()]
    for line in lines:
        assert not list(errors_in(line, {"$ref": "#/components/schemas/BulkLine"})), line
    *_rows, total = lines
    spoiled = case.meta is not None and case.meta.is_negative_at(ParameterLocation.BODY)
    if spoiled and response.status_code == 200:
        assert total["summary"]["rejected"], "rows that the contract forbids were taken"
