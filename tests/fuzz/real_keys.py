"""What no schema can say, put into the valid parts of a call: keys that exist, numbers that are new, moments that fit.

A schema has no words for a code that is in the catalogue, a number that no other dossier has, an `ETag` that is
current, questions that a survey asks, a moment after the last move. Only parts that are meant to be valid are changed,
so what a call is meant to break stays broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation

from onestop.common.input.text import tidy_lines

from .judging import AnyCase
from .pool import LATER, Pool

A_PDF = b"%PDF-1.7 noi dung"
PROCEDURE, AGENCY, UNIT, PROVINCE, FIELD, COMMUNE = "1.001193", "H22.101", "H22.101.01", "H22", "hotich", "21583"
PERIODS = ("2026-11", "2026-Q4", "2026", "2025-Q1", "2024-02")
# Another moment than now must lie after the last move, and a code is the office's own to give.
LEFT_OUT = frozenset({"at", "code", "from_portal"})

Row = dict[str, Any]  # Any: JSON
# Answers what a path of the API says now, or None where it says nothing.
Read = Callable[[str], Any]  # Any: JSON


class RealKeys:
    """Fills calls. `read` asks the office; `pool` has the places that it told of."""

    def __init__(self, pool: Pool, random: Random, read: Read) -> None:
        self._pool, self._random, self._read = pool, random, read
        self._cursors: dict[tuple[object, ...], str] = {}

    def fill(self, case: AnyCase) -> None:
        meta = case.meta
        spoiled = {place for place, part in meta.components.items() if part.mode.is_negative} if meta else set()
        # In a chain of calls, each is about what the one before made.
        in_a_chain = meta is not None and meta.phase.name == "stateful"
        keeps_place = in_a_chain or ParameterLocation.PATH in spoiled
        if not keeps_place and (place := self._pool.place(case.operation.path)):
            case.path_parameters = {**case.path_parameters, **place}
        if ParameterLocation.QUERY not in spoiled:
            case.query = self._query(case)
        self._name_all_fields(case)
        if ParameterLocation.HEADER not in spoiled:
            self._fill_headers(case)
        if ParameterLocation.BODY not in spoiled:
            self._fill_body(case)

    def learn(self, case: AnyCase, told: Any) -> None:
        """Keeps the places of an answer, and the beginning of the next page."""
        self._pool.learn(case.operation.path, dict(case.path_parameters), told)
        following = told.get("next") if isinstance(told, dict) else None
        if isinstance(following, str) and (cursor := re.search(r"[?&]cursor=([^&]+)", following)):
            self._cursors[self._list_of(case)] = cursor[1]

    @staticmethod
    def _list_of(case: AnyCase) -> tuple[object, ...]:
        """Lists in another order have other cursors."""
        return case.operation.path, case.query.get("sort"), "updated_since" in case.query

    def _query(self, case: AnyCase) -> Row:
        query = dict(case.query)
        known: Row = {
            "procedure": PROCEDURE,
            "parent": PROVINCE,
            "field": FIELD,
            "period": self._random.choice(PERIODS),
            "name": "đơn.pdf",
        }
        query |= {name: value for name, value in known.items() if name in query}
        if "cursor" in query:
            cursor = self._cursors.get(self._list_of(case))
            query = {**query, "cursor": cursor} if cursor else {k: v for k, v in query.items() if k != "cursor"}
        if "question_set" in query:
            query["question_set"] = self._question_set()
        if {"from", "to"} <= set(query):
            query["from"], query["to"] = sorted((query["from"], query["to"]), key=str)
        return query

    def _name_all_fields(self, case: AnyCase) -> None:
        """An answer without the other fields is not what its schema says, so a valid `fields` names them all."""
        for parameter in case.operation.query:
            text = case.query.get("fields")
            if parameter.name == "fields" and isinstance(text, str):
                pattern = parameter.definition["schema"]["pattern"]
                names = re.findall(r"\w+", pattern.partition(")")[0])
                if re.search(pattern, text):
                    case.query = {**case.query, "fields": ",".join(self._random.sample(names, len(names)))}

    def _question_set(self) -> int:
        place = self._pool.place("/api/v1/dossiers/{uuid}")
        survey = self._read(f"dossiers/{place['uuid']}/questions") if place else None
        return survey["question_set"] if survey else 1

    def _fill_headers(self, case: AnyCase) -> None:
        for name in list(case.headers):
            if name.lower() == "if-match":
                case.headers[name] = "*"
            elif name.lower() == "idempotency-key":
                case.headers[name] = str(uuid4())

    def _fill_body(self, case: AnyCase) -> None:
        if case.operation.path.endswith("/attachments") and case.method == "POST":
            case.body = A_PDF
        elif isinstance(case.body, list):
            case.body = [self._filled(row) if isinstance(row, dict) else row for row in case.body]
        elif isinstance(case.body, dict):
            case.body = self._filled(case.body) | self._of_the_dossier(case)
        elif isinstance(case.body, NotSet) and self._owes(case):
            case.body, case.media_type = self._of_the_dossier(case), "application/json"

    def _filled(self, body: Row) -> Row:
        """A body with keys and numbers that may be, in the places of those that it has."""
        digits = f"{self._random.randrange(10**9):09}"
        known: Row = {
            "external_id": f"FUZZ-{uuid4()}",
            "procedure": PROCEDURE,
            "agency": AGENCY,
            "unit": self._random.choice((AGENCY, UNIT)),
            "phone": f"09{digits[:8]}",
            "identity_no": f"012{digits}",
            "commune_code": COMMUNE,
            "submitter_phone": f"08{digits[:8]}",
            "submitter_identity_no": f"034{digits}",
            "email": f"nguoi.dan.{digits}@example.vn",
            "received_at": (datetime.now().astimezone() - timedelta(minutes=int(digits) % 10_000)).isoformat(),
            "due_at": self._random.choice(LATER),
            "step_due": self._random.choice(LATER),
            "url": f"https://127.0.0.1:9/{digits}",
        }
        filled = {name: known.get(name, _legible(value)) for name, value in body.items() if name not in LEFT_OUT}
        return filled | _persons_of(filled)

    def _of_the_dossier(self, case: AnyCase) -> Row:
        """What a body must say of the one dossier that the call is about."""
        here = f"dossiers/{case.path_parameters.get('uuid')}"
        match case.operation.path.rpartition("/")[2]:
            case "vote" if survey := self._read(f"{here}/questions"):
                asked = [row["question"] for row in survey["questions"]]
                answers = [{"question": question, "rating": self._random.choice((1, 2))} for question in asked]
                return {"question_set": survey["question_set"], "answers": answers}
            case "hand_over" if dossier := self._read(f"{here}?fields=unit"):
                # Where it is already it cannot be sent.
                return {"unit": UNIT if dossier["unit"] == AGENCY else AGENCY}
            case "return_result":
                # Needed while a fee is open.
                return {"despite_fees": "Theo quyết định của lãnh đạo"}
            case "correct_time" if history := self._read(f"{here}/history"):
                return self._earlier(history["results"])
        return {}

    def _owes(self, case: AnyCase) -> bool:
        """Whether the call hands a result over while a fee is open, for which it must say why."""
        if not case.operation.path.endswith("/return_result"):
            return False
        dossier = self._read(f"dossiers/{case.path_parameters.get('uuid')}?fields=fees")
        return bool(dossier and any(_is_open(fee) for fee in dossier["fees"]))

    def _earlier(self, steps: list[Row]) -> Row:
        """The first step whose moment can be put right, and a moment before it."""
        register, *more = steps
        # Made in one act, both are put right by the acceptance.
        first = more[0] if more and more[0]["at"] == register["at"] else register
        moment = datetime.fromisoformat(first["at"]) - timedelta(seconds=self._random.randrange(1, 10**6))
        return {"step": first["id"], "to": moment.isoformat()}


def _is_open(fee: Row) -> bool:
    return bool(fee["is_mandatory"] and not fee["paid_at"] and not fee["waived_at"])


def _legible(value: Any) -> Any:
    """`value` with a letter in place of each text that a pattern cannot tell from a blank: of tags beyond U+FFFF."""
    if isinstance(value, str):
        return value if not value or tidy_lines(value) else "x"
    if isinstance(value, list):
        return [_legible(part) for part in value]
    return {name: _legible(part) for name, part in value.items()} if isinstance(value, dict) else value


def _persons_of(body: Row) -> Row:
    """What goes together, which a schema cannot say: a submitter is whole, and only a person has a birth date."""
    whole: Row = {}
    if any(name.startswith("submitter_") for name in body):
        whole = {"submitter_name": "Đặng Thị Con", "submitter_capacity": "relative"}
    if "birth_date" in body or "applicant_kind" in body:
        is_person = body.get("applicant_kind", "citizen") in ("citizen", "other")
        whole |= {"applicant_kind": body.get("applicant_kind", "citizen"), "birth_date": "1950" if is_person else ""}
    return whole
