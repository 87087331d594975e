"""Takes in thousands of dossiers: each row is created, updated, left unchanged, or rejected with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import flatten_errors
from drf_standardized_errors.types import Error
from rest_framework.exceptions import ErrorDetail, ValidationError

from onestop.catalog.calendar import Calendar, calendars_of
from onestop.common.errors import InputRefused, Refused
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier
from onestop.dossiers.store import DATABASE, Store, writing_in_bulk
from onestop.partners.models import PartnerActor
from onestop.rest.errors import detail_of
from onestop.rest.fast_input import NotPlain, reading_by
from onestop.rest.fields import Validated
from onestop.rest.strict_input import NotStrictJSON

from .intake import Catalogue, DossierInput, actor_of, differences, new_dossier, receive

CHUNK: Final = 500
_TRIES: Final = 3


@dataclass
class IntakeRow:
    """One row of the call; `answer` is its result."""

    number: int
    external_id: str | None = None
    values: Validated = field(default_factory=dict)
    answer: Validated | None = None

    def settle(self, status: str, dossier: Dossier) -> None:
        row = {"row": self.number, "external_id": self.external_id, "status": status}
        self.answer = {**row, "uuid": str(dossier.uuid), "code": dossier.code}

    def reject(self, refusal: Refused) -> None:
        def errors() -> list[Error]:
            if isinstance(refusal, InputRefused):
                return list(flatten_errors(ValidationError(detail_of(refusal)).detail))
            return list(flatten_errors([ErrorDetail(str(refusal), refusal.code)]))

        self.reject_with(errors)

    def reject_with(self, errors: Callable[[], list[Error]]) -> None:
        """`errors` returns the errors in the language in force. It is called once for each language."""
        with translation.override("vi"):
            vietnamese = errors()
        with translation.override("en"):
            english = errors()
        described = [
            {"field": error.attr, "code": error.code, "vi": error.detail, "en": same.detail}
            for error, same in zip(vietnamese, english, strict=True)
        ]
        row = {"row": self.number, "external_id": self.external_id}
        self.answer = {**row, "status": "rejected", "errors": described}


class BulkIntake:
    """The rows of one call. `counts` has the number of rows by result."""

    def __init__(self, colleague: PartnerActor, *, dry_run: bool) -> None:
        self.counts: Counter[str] = Counter(created=0, updated=0, unchanged=0, rejected=0)
        self._colleague, self._dry_run = colleague, dry_run
        self._catalogue = Catalogue(colleague)
        self._read = reading_by(DossierInput())
        self._calendars: dict[int, Calendar] = {}
        self._first_rows: dict[tuple[str, str], int] = {}

    def take(self, rows: Iterable[tuple[int, object]]) -> Iterator[Validated]:
        """The result of each row, in their order. Each chunk is a transaction of its own."""
        remaining = iter(rows)
        while chunk := [self._row(number, data) for number, data in islice(remaining, CHUNK)]:
            self._store_with_retries([row for row in chunk if row.answer is None])
            for row in chunk:
                assert row.answer is not None  # noqa: S101 each was settled or rejected
                self.counts[row.answer["status"]] += 1
                yield row.answer

    # ---- reading

    def _row(self, number: int, data: object) -> IntakeRow:
        # The row's own number for the answer, as far as it can be read: the row may hold anything.
        text = data.get("external_id") if isinstance(data, dict) else None
        row = IntakeRow(number, text[:100] if isinstance(text, str) and text.isprintable() else None)
        if isinstance(data, NotStrictJSON):
            row.reject(Refused(lazy(data.__str__, str)(), "parse_error"))
            return row
        try:
            row.values = self._read(data)
        except NotPlain:
            row.values = self._read_by_serializer(row, data)
        if row.answer is None:
            row.external_id = row.values["external_id"]
            self._refuse_repeated(row)
        return row

    def _refuse_repeated(self, row: IntakeRow) -> None:
        """Rejects a row with a number or a code that an earlier row of the call has."""
        for name in ("external_id", "code"):
            if name in row.values:
                first = self._first_rows.setdefault((name, row.values[name]), row.number)
                if first != row.number:
                    message = _("Số này đã có ở dòng %(row)d của lần gửi này.")
                    row.reject(InputRefused({name: Refused(message, "repeated", {"row": first})}))
                    return

    def _read_by_serializer(self, row: IntakeRow, data: object) -> Validated:
        serializer = DossierInput(data=data)
        if serializer.is_valid():
            values: Validated = serializer.validated_data
            return values

        def errors() -> list[Error]:
            # The framework words its errors while it reads, so a refused row is read once for each language.
            reread = DossierInput(data=data)
            reread.is_valid()
            return list(flatten_errors(ValidationError(reread.errors).detail))

        row.reject_with(errors)
        return {}

    # ---- storing

    def _store_with_retries(self, rows: list[IntakeRow]) -> None:
        """Stores the rows, and tries again where another call hands in the same dossiers at the same time.

        At the next try these dossiers exist, and their rows are updates.
        """
        for _try in range(_TRIES):
            try:
                self._store_together(rows)
                return
            except (IntegrityError, OperationalError):
                # In the caller's own transaction (all rows or none) a second try is not possible.
                if transaction.get_connection().needs_rollback:
                    raise
        self._store_one_by_one(rows)

    def _store_together(self, rows: list[IntakeRow]) -> None:
        try:
            with transaction.atomic():
                self._store(rows)
                transaction.set_rollback(self._dry_run)
        except BaseException:
            for row in rows:
                row.answer = None
            raise

    def _store_one_by_one(self, rows: list[IntakeRow]) -> None:
        """The last resort for a chunk that fails: only the rows that cause the failure are rejected."""
        for row in rows:
            try:
                self._store_together([row])
            except (IntegrityError, OperationalError) as error:
                if transaction.get_connection().needs_rollback:
                    raise
                is_taken = isinstance(error, IntegrityError) and "code" in row.values
                row.reject(_taken_code() if is_taken else Refused(_BUSY, "busy"))

    def _store(self, rows: list[IntakeRow]) -> None:
        named = [row.values for row in rows]
        agencies = self._catalogue.look_up((row["procedure"] for row in named), (row["agency"] for row in named))
        self._calendars |= calendars_of(agencies)
        ours = Dossier.objects.filter(
            partner=self._colleague.partner, external_id__in=[row.external_id for row in rows]
        ).select_related("procedure", "agency", "unit")
        there = {dossier.external_id: dossier for dossier in ours}
        codes = [row.values["code"] for row in rows if "code" in row.values and row.external_id not in there]
        taken = set(Dossier.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
        for row in rows:
            if dossier := there.get(row.external_id or ""):
                with _rejecting(row, DATABASE):
                    new = new_dossier(row.values, self._catalogue)
                    changes = {name: getattr(new, name) for name in differences(dossier, new)}
                    if changes:
                        lifecycle.amend(dossier, actor_of(row.values, self._colleague), changes=changes)
                    row.settle("updated" if changes else "unchanged", dossier)
            elif row.values.get("code") in taken:
                row.reject(_taken_code())
        created: list[tuple[IntakeRow, Dossier]] = []
        with writing_in_bulk(self._calendars) as store:
            for row in (row for row in rows if row.answer is None):
                with _rejecting(row, store):
                    new = new_dossier(row.values, self._catalogue)
                    receive(new, row.values, self._colleague, store)
                    created.append((row, new))
        # The dossiers get their codes when the store is written, at the end of the block above.
        for row, dossier in created:
            row.settle("created", dossier)


@contextmanager
def _rejecting(row: IntakeRow, store: Store) -> Iterator[None]:
    """Rejects a row that the domain refuses, with the reasons; nothing of it remains in the store."""
    try:
        with store.atomic():
            yield
    except Refused as refusal:
        row.reject(refusal)


_BUSY = _("Hệ thống đang bận nên chưa lưu được dòng này; hãy gửi lại.")


def _taken_code() -> InputRefused:
    return InputRefused({"code": Refused(_("Mã hồ sơ này đã có."), "taken")})
