"""Dossiers whose phone or identity number looks wrong, by code. The numbers themselves are not printed."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Q

from onestop.catalog.models import Agency
from onestop.dossiers.lifecycle.applicants import objections
from onestop.dossiers.models import Dossier


class Command(BaseCommand):
    help = "Dossiers whose phone or identity number looks wrong: code, which of the two, why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--agency", metavar="CODE", help="received by this agency or one below it")
        parser.add_argument("--running", action="store_true", help="only those that can still be amended")

    def handle(self, *args: object, agency: str | None, running: bool, **options: object) -> None:
        dossiers = Dossier.objects.exclude(Q(phone="") & Q(identity_no=""))
        if agency:
            dossiers = dossiers.filter(agency__in=Agency.objects.within_code(agency).values("pk"))
        if running:
            dossiers = dossiers.running()
        number = 0
        columns = ("pk", "code", "uuid", "applicant_kind", "identity_no", "phone")
        for dossier in dossiers.only(*columns).order_by("pk").iterator(chunk_size=2000):
            for name, objection in objections(dossier).items():
                number += 1
                self.stdout.write(f"{dossier.code or dossier.uuid} {name} {objection.code}")
        self.stderr.write(f"{number} số đáng ngờ.")
