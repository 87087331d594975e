"""Dossiers by the thousand: each row is created, brought up to date, found unchanged, or rejected with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final, Protocol

from django.core.exceptions import ValidationError as ModelError
from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from drf_standardized_errors.formatter import flatten_errors
from rest_framework.exceptions import ErrorDetail, ValidationError

from onestop.dossiers import lifecycle
from onestop.dossiers.journal import journal, writing_in_bulk
from onestop.dossiers.models import Dossier, Fee, Paper
from onestop.dossiers.moving import MoveRefused
from onestop.partners.models import Colleague, Partner
from onestop.rest.errors import faults
from onestop.rest.fields import Strict
from onestop.rest.quick_reading import NotPlain, reading_by
from onestop.rest.strict_json import NotStrictJSON

CHUNK: Final = 500
_TRIES: Final = 3


class Contract(Protocol):
    """What one dossier looks like when a partner hands it in; the same for one and for thousands."""

    def serializer(self, **kwargs: Any) -> Strict: ...

    def dossier(self, values: Mapping[str, Any]) -> tuple[Dossier, list[Paper], list[Fee]]:
        """A new one, not saved. Raises ValidationError by field."""

    def changes(self, dossier: Dossier, values: Mapping[str, Any]) -> dict[str, str]:
        """What `values` say otherwise than `dossier`, by its fields."""


@dataclass
class Row:
    """One row under way. What it comes to is `answer`."""

    number: int
    external_id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = None

    def settle(self, status: str, dossier: Dossier) -> None:
        told = {"uuid": str(dossier.uuid), "code": dossier.code}
        self.answer = {"row": self.number, "external_id": self.external_id, "status": status, **told}

    def reject(self, errors: list[dict[str, Any]]) -> None:
        told = {"row": self.number, "external_id": self.external_id}
        self.answer = {**told, "status": "rejected", "errors": errors}


class BulkIntake:
    """One call's rows. `counts` says how many came to what."""

    def __init__(self, contract: Contract, colleague: Colleague, *, dry_run: bool) -> None:
        self.counts: Counter[str] = Counter(created=0, updated=0, unchanged=0, rejected=0)
        self._contract, self._colleague, self._dry_run = contract, colleague, dry_run
        self._read = reading_by(contract.serializer())
        self._first_rows: dict[str, int] = {}

    def take(self, rows: Iterable[tuple[int, Any]]) -> Iterator[dict[str, Any]]:
        """What each row came to, in their order. Each chunk is a transaction of its own."""
        remaining = iter(rows)
        while chunk := [self._row(number, data) for number, data in islice(remaining, CHUNK)]:
            self._store_again_if_disturbed([row for row in chunk if row.answer is None])
            for row in chunk:
                assert row.answer is not None  # noqa: S101 each was settled or rejected
                self.counts[row.answer["status"]] += 1
                yield row.answer

    # ---- reading

    def _row(self, number: int, data: Any) -> Row:
        row = Row(number, _external_id(data))
        if isinstance(data, NotStrictJSON):
            row.reject([{"field": None, "code": "parse_error", "vi": data.vi, "en": data.en}])
            return row
        try:
            row.values = self._read(data)
        except NotPlain:
            row.values = self._read_with_care(row, data)
        if row.answer is None:
            row.external_id = row.values["external_id"]
            first = self._first_rows.setdefault(row.values["external_id"], number)
            if first != number:
                row.reject(in_both_languages(lambda: _refuse_a_second(first)))
        return row

    def _read_with_care(self, row: Row, data: Any) -> Mapping[str, Any]:
        def read() -> Mapping[str, Any]:
            serializer = self._contract.serializer(data=data)
            serializer.is_valid(raise_exception=True)
            values: Mapping[str, Any] = serializer.validated_data
            return values

        with suppress(ValidationError):
            return read()
        row.reject(in_both_languages(read))
        return {}

    # ---- storing

    def _store_again_if_disturbed(self, rows: list[Row]) -> None:
        """Somebody else may hand in the same dossiers at this moment: then they are there at the second look."""
        for left in reversed(range(_TRIES)):
            try:
                with transaction.atomic():
                    self._store(rows)
                    transaction.set_rollback(self._dry_run)
                return
            except (IntegrityError, OperationalError):
                if not left or transaction.get_connection().needs_rollback:
                    raise
                for row in rows:
                    row.answer = None

    def _store(self, rows: list[Row]) -> None:
        # One bulk of a partner after the other: two with the same rows would else wait for each other without end.
        Partner.objects.select_for_update(no_key=True).get(pk=self._colleague.partner.pk)
        known = Dossier.objects.filter(
            partner=self._colleague.partner, external_id__in=[row.external_id for row in rows]
        ).select_related("procedure", "agency", "unit")
        there = {dossier.external_id: dossier for dossier in known}
        for row in rows:
            if dossier := there.get(row.external_id or ""):
                self._bring_up_to_date(row, dossier)
        with writing_in_bulk():
            for row in rows:
                if row.answer is None:
                    self._create(row)

    def _create(self, row: Row) -> None:
        def create() -> None:
            dossier, papers, fees = self._contract.dossier(row.values)
            dossier.partner, dossier.external_id = self._colleague.partner, row.external_id or ""
            lifecycle.receive(dossier, self._colleague, papers=papers, fees=fees)
            row.settle("created", dossier)

        self._try(row, create)

    def _bring_up_to_date(self, row: Row, dossier: Dossier) -> None:
        def amend() -> None:
            changes = self._contract.changes(dossier, row.values)
            if changes:
                lifecycle.amend(dossier, self._colleague, changes=changes)
            row.settle("updated" if changes else "unchanged", dossier)

        self._try(row, amend)

    def _try(self, row: Row, act: Callable[[], None]) -> None:
        try:
            with journal().whole():
                act()
        except (ModelError, ValidationError, MoveRefused):
            row.reject(in_both_languages(act))


def in_both_languages(act: Callable[[], object]) -> list[dict[str, Any]]:
    """Every fault for which `act` refuses, as `field`, `code`, `vi` and `en`; nothing of what it does is kept."""
    vietnamese, english = _faults(act, "vi"), _faults(act, "en")
    return [
        {"field": fault.attr, "code": fault.code, "vi": fault.detail, "en": same.detail}
        for fault, same in zip(vietnamese, english, strict=True)
    ]


def _faults(act: Callable[[], object], language: str) -> list[Any]:
    with translation.override(language):
        try:
            with journal().whole():
                act()
        except MoveRefused as error:
            return list(flatten_errors([ErrorDetail(str(error), "move_refused")]))
        except ModelError as error:
            return list(flatten_errors(ValidationError(faults(error)).detail))
        except ValidationError as error:
            return list(flatten_errors(error.detail))
    raise AssertionError("what was refused a moment ago is not any more")


def _refuse_a_second(first: int) -> None:
    said = _("Số này đã có ở dòng %(row)d của lần gửi này.") % {"row": first}
    raise ValidationError({"external_id": [ErrorDetail(said, "repeated")]})


def _external_id(data: Any) -> str | None:
    """As far as it can be told of a row that may hold anything."""
    told = data.get("external_id") if isinstance(data, dict) else None
    return told[:100] if isinstance(told, str) and told.isprintable() else None
