"""Takes in thousands of dossiers: each row is created, updated, left unchanged, or rejected with its reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils import translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.types import Error
from rest_framework.exceptions import ErrorDetail, ValidationError

from onestop.catalog.calendar import Calendar, calendars_of
from onestop.common.errors import InputRefused, Refused
from onestop.dossiers import lifecycle
from onestop.dossiers.models import Dossier, DossierQuerySet
from onestop.dossiers.store import BulkStore, Store, writing_in_bulk
from onestop.partners.models import PartnerActor
from onestop.rest.error_list import first_errors
from onestop.rest.errors import detail_of
from onestop.rest.fast_input import NotPlain, reading_by
from onestop.rest.fields import Validated
from onestop.rest.strict_input import NotStrictJSON

from .intake import Catalogue, DossierInput, actor_of, differences, new_dossier, receive

# The first chunk is small, so that its answers leave at once.
FIRST_CHUNK: Final = 50
CHUNK: Final = 500
_TRIES: Final = 3


@dataclass
class IntakeRow:
    """One row of the call; `answer` is its result, in the `language` of the call."""

    number: int
    language: str
    external_id: str | None = None
    values: Validated = field(default_factory=dict)
    answer: Validated | None = None

    def settle(self, status: str, dossier: Dossier | None) -> None:
        """`dossier` None: one that was not stored, whose number and code another will get."""
        row = {"row": self.number, "external_id": self.external_id, "status": status}
        uuid, code = (str(dossier.uuid), dossier.code) if dossier else (None, None)
        self.answer = {**row, "uuid": uuid, "code": code}

    def reject(self, refusal: Refused) -> None:
        def errors() -> list[Error]:
            if isinstance(refusal, InputRefused):
                return first_errors(ValidationError(detail_of(refusal)).detail)
            return first_errors([ErrorDetail(str(refusal), refusal.code)])

        self.reject_with(errors)

    def reject_with(self, errors: Callable[[], list[Error]]) -> None:
        """`errors` returns the errors in the language in force. It is called once for each language."""
        with translation.override("vi"):
            vietnamese = errors()
        with translation.override("en"):
            english = errors()
        own = english if self.language == "en" else vietnamese
        described = [
            {
                "code": error.code,
                "detail": detail.detail,
                "attr": error.attr,
                "field": error.attr,
                "vi": error.detail,
                "en": same.detail,
            }
            for error, same, detail in zip(vietnamese, english, own, strict=True)
        ]
        row = {"row": self.number, "external_id": self.external_id}
        self.answer = {**row, "status": "rejected", "errors": described}


class BulkIntake:
    """The rows of one call. `counts` has the number of rows by result."""

    def __init__(self, colleague: PartnerActor, *, dry_run: bool) -> None:
        self.counts: Counter[str] = Counter(created=0, updated=0, unchanged=0, rejected=0)
        self._colleague, self._dry_run = colleague, dry_run
        # Read now: the answers are made while they are sent, when the language of the call is in force no more.
        self._language = translation.get_language()
        self._catalogue = Catalogue(colleague)
        self._read = reading_by(DossierInput())
        self._calendars: dict[int, Calendar] = {}
        self._first_rows: dict[tuple[str, str], int] = {}

    def take(self, rows: Iterable[tuple[int, object]]) -> Iterator[Validated]:
        """The result of each row, in their order. Each chunk is a transaction of its own."""
        remaining, size = iter(rows), FIRST_CHUNK
        while chunk := [self._row(number, data) for number, data in islice(remaining, size)]:
            size = CHUNK
            self._store_with_retries([row for row in chunk if row.answer is None])
            for row in chunk:
                assert row.answer is not None  # noqa: S101 each was settled or rejected
                self.counts[row.answer["status"]] += 1
                yield row.answer

    # ---- reading

    def _row(self, number: int, data: object) -> IntakeRow:
        # The row's own number for the answer, as far as it can be read: the row may hold anything.
        text = data.get("external_id") if isinstance(data, dict) else None
        row = IntakeRow(number, self._language, text[:100] if isinstance(text, str) and text.isprintable() else None)
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
            return first_errors(ValidationError(reread.errors).detail)

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
        self._catalogue.communes.look_up(row.get("commune_code", "") for row in named)
        self._calendars |= calendars_of(agencies)
        ours = Dossier.objects.filter(
            partner=self._colleague.partner, external_id__in=[row.external_id for row in rows]
        ).select_related("procedure", "agency", "unit")
        there = {dossier.external_id: dossier for dossier in ours}
        codes = [row.values["code"] for row in rows if "code" in row.values and row.external_id not in there]
        taken = set(Dossier.objects.filter(code__in=codes).values_list("code", flat=True)) if codes else set()
        corrected: list[tuple[IntakeRow, Dossier]] = []
        for row in rows:
            if dossier := there.get(row.external_id or ""):
                with _rejecting(row):
                    new = new_dossier(row.values, self._catalogue)
                    if differences(dossier, new):
                        corrected.append((row, new))
                    else:
                        row.settle("unchanged", dossier)
            elif row.values.get("code") in taken:
                row.reject(_taken_code())
        created: list[tuple[IntakeRow, Dossier]] = []
        with writing_in_bulk(self._calendars) as store:
            self._correct(corrected, ours, store)
            for row in (row for row in rows if row.external_id not in there and row.answer is None):
                with _rejecting(row, store):
                    new = new_dossier(row.values, self._catalogue)
                    receive(new, row.values, self._colleague, store)
                    created.append((row, new))
        # The dossiers get their codes when the store is written, at the end of the block above.
        for row, dossier in created:
            row.settle("created", None if self._dry_run else dossier)

    def _correct(self, rows: list[tuple[IntakeRow, Dossier]], ours: DossierQuerySet, store: BulkStore) -> None:
        """Amends the stored dossiers of `rows`, each with the dossier as it is handed in now.

        Only these are locked, and compared once more: another call may have corrected them meanwhile.
        """
        if not rows:
            return
        locked = store.locked(ours.filter(external_id__in=[row.external_id for row, _new in rows]))
        there = {dossier.external_id: dossier for dossier in locked}
        for row, new in rows:
            dossier = there[new.external_id]
            with _rejecting(row, store):
                changes = {name: getattr(new, name) for name in differences(dossier, new)}
                if changes:
                    actor = actor_of(row.values, self._colleague)
                    lifecycle.amend(dossier, actor, changes=changes, store=store)
                row.settle("updated" if changes else "unchanged", dossier)


@contextmanager
def _rejecting(row: IntakeRow, store: Store | None = None) -> Iterator[None]:
    """Rejects a row that the domain refuses, with the reasons; nothing of it remains in the store."""
    try:
        with store.atomic() if store else nullcontext():
            yield
    except Refused as refusal:
        row.reject(refusal)


_BUSY = _("Hệ thống đang bận nên chưa lưu được dòng này; hãy gửi lại.")


def _taken_code() -> InputRefused:
    return InputRefused({"code": Refused(_("Mã hồ sơ này đã có."), "taken")})
