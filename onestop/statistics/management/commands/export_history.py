"""`python manage.py export_history`: the dated history of every accepted dossier, so that others can recount."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import datetime

import msgspec
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Prefetch

from onestop.catalog.models import Agency, Placement
from onestop.catalog.placements import BEGINNING
from onestop.common.time import VIETNAM
from onestop.dossiers.deadlines.moments import corrected, in_force
from onestop.dossiers.models import Dossier, DueDate, Move, Transition, effective

READ_AT_ONCE = 2_000


class Command(BaseCommand):
    help = "In lịch sử có ngày giờ của từng hồ sơ đã tiếp nhận, mỗi dòng một JSON, không có dữ liệu cá nhân."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--agency", metavar="MÃ", help="chỉ hồ sơ do cơ quan này và các đơn vị trực thuộc tiếp nhận"
        )

    def handle(self, *args: object, agency: str | None, **options: object) -> None:
        within = Agency.objects.filter(code=agency).first() if agency else None
        if agency and within is None:
            raise CommandError(f"--agency: không có cơ quan nào mang mã {agency}.")
        places = Places()
        for dossier in accepted_dossiers(within):
            self.stdout.write(msgspec.json.encode(history(dossier, places)).decode())


def accepted_dossiers(agency: Agency | None) -> Iterator[Dossier]:
    """The accepted dossiers in the order of their registration, without test dossiers, which no figure counts."""
    rows = Dossier.objects.filter(is_test=False, accepted_at__isnull=False)
    if agency is not None:
        # Every agency that was ever below it: its earlier figures count those dossiers, too.
        rows = rows.filter(agency__in=Placement.objects.of_tree(agency).values("agency"))
    moves = Transition.objects.only(
        "dossier", "move", "from_state", "to_state", "at", "corrects", "corrected_at", "undoes"
    )
    return (
        rows.only("code", "agency__code", "agency__level1__code", "procedure__code", "procedure__field__code")
        .select_related("agency__level1", "procedure__field")
        .prefetch_related(Prefetch("transitions", moves), Prefetch("due_dates", DueDate.objects.all()))
        .order_by("pk")
        .iterator(READ_AT_ONCE)
    )


class Places:
    """The places of each agency in the tree, and since when, in the form of the export. Read once."""

    def __init__(self) -> None:
        codes = dict(Agency.objects.values_list("pk", "code"))
        self._placements: dict[int, list[dict[str, object]]] = {}
        for agency, since, path in Placement.objects.order_by("since").values_list("agency", "since", "path"):
            fields = {"since": None if since == BEGINNING else since.isoformat()}
            line = [codes.get(int(key), "") for key in path.strip("/").split("/")]
            self._placements.setdefault(agency, []).append({**fields, "path": line})

    def of(self, agency: int) -> list[dict[str, object]]:
        return self._placements.get(agency, [])


def history(dossier: Dossier, places: Places) -> dict[str, object]:
    """All data from which figures are counted, in order. States are numbers; `due` is null for no due instant.

    A move has the moment of its last correction. Due dates before a correction are left out, because they are void;
    so are moves that change only dates, and those that were undone. `places`: the codes from the level-1 agency down
    to the receiving agency, and since which day; `level1` is today's.
    """
    moves = list(dossier.transitions.all())
    moments = corrected(moves)
    level1 = dossier.agency.level1 or dossier.agency
    return {
        "code": dossier.code,
        "agency": dossier.agency.code,
        "level1": level1.code,
        "places": places.of(dossier.agency_id),
        "field": dossier.procedure.field.code,
        "procedure": dossier.procedure.code,
        "moves": [
            {"move": move.move, "from": move.from_state, "to": move.to_state, "at": instant(moments[move.pk])}
            for move in effective(moves)
            if move.move not in (Move.CORRECT_TIME, Move.POSTPONE)
        ],
        "due": [
            {"due": instant(due.due_at), "since": instant(due.since), "why": due.why}
            for due in in_force(dossier.due_dates.all())
        ],
    }


def instant(at: datetime | None) -> str | None:
    return at.astimezone(VIETNAM).isoformat(timespec="microseconds") if at else None
