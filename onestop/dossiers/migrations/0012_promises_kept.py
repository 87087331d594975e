"""Due dates that were counted from a whole limit get the name and the limit they were counted from, where that fits.

What a procedure was like when it was promised was kept nowhere. Its name and limit of today are taken where they give
the very due date that was promised; where they do not (the limit was changed since, or the calendar), the row stays
without, papers tell the date alone, and the number of such rows is printed.
"""

from collections import defaultdict

from django.db import migrations
from django.db.models import OuterRef, Q, Subquery

from onestop.catalog.calendar import DEFAULT_HOURS, Calendar, shipped_days
from onestop.dossiers.deadlines.rules import Limit, due_at

TERMS = {
    "procedure_name": "name",
    "limit": "limit",
    "limit_unit": "limit_unit",
    "limit_text": "limit_text",
    "count_from_next_day": "count_from_next_day",
    "next_day_after": "next_day_after",
}
READ_AT_ONCE = 10_000
EMPTY = {"limit": None, "limit_unit": "", "limit_text": "", "count_from_next_day": False, "next_day_after": None}


def keep(apps, schema_editor):
    rows, dossiers = apps.get_model("dossiers", "DueDate").objects, apps.get_model("dossiers", "Dossier").objects
    whole = rows.filter(
        Q(why="accepted") | Q(why="supplement", dossier__procedure__after_supplement="restart"), procedure_name=""
    )
    of_dossier = dossiers.filter(pk=OuterRef("dossier"))
    fill = {name: Subquery(of_dossier.values(f"procedure__{field}")[:1]) for name, field in TERMS.items()}
    rows.filter(pk__in=whole.values("pk")).update(**fill)

    calendars = Calendars(apps)
    kept = rows.exclude(procedure_name="").order_by("pk")
    columns = ("pk", "due_at", "since", "dossier__agency__path", "limit", "limit_unit", "count_from_next_day")
    unknown = [
        pk
        for pk, due, since, path, *limit in kept.values_list(*columns, "next_day_after").iterator(READ_AT_ONCE)
        if not calendars.give(path, due, since, limit)
    ]
    for start in range(0, len(unknown), 500):
        rows.filter(pk__in=unknown[start : start + 500]).update(procedure_name="", **EMPTY)
    if unknown:
        print(f" {len(unknown)} due dates do not fit today's limit: what was promised with them is not known.", end="")


class Calendars:
    """By an agency's path: with the holidays that come with the program, and without, as they were counted before."""

    def __init__(self, apps):
        days = apps.get_model("catalog", "CalendarDay").objects.values_list("date", "kind")
        self.off = frozenset(day for day, kind in days if kind == "off")
        self.makeup = frozenset(day for day, kind in days if kind == "working")
        self.hours = defaultdict(dict)
        rows = apps.get_model("catalog", "WorkingHours").objects.order_by("weekday", "opens", "closes")
        for row in rows.values_list("agency", "weekday", "opens", "closes"):
            self.hours[row[0]].setdefault(row[1], []).append(row[2:])
        self.made = {}

    def give(self, path, due, since, limit):
        """Whether such a limit gives that due instant."""
        if limit[0] is None or due is None:
            return limit[0] is None and due is None
        return any(due_at(since, Limit(*limit), calendar) == due for calendar in self.of(path))

    def of(self, path):
        if path not in self.made:
            line = [*(int(pk) for pk in reversed(path.split("/")) if pk), None]
            owner = next((owner for owner in line if owner in self.hours), None)
            hours = {day: _apart(spans) for day, spans in self.hours[owner].items()} if owner in self.hours else None
            days = (hours or DEFAULT_HOURS, self.off, self.makeup, frozenset(day.year for day in self.off))
            self.made[path] = (Calendar(*days, shipped_days), Calendar(*days))
        return self.made[path]


def _apart(spans):
    apart = []
    for opens, closes in spans:
        if apart and opens <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], closes))
        else:
            apart.append((opens, closes))
    return tuple(apart)


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0011_promises"), ("catalog", "0001_initial")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
