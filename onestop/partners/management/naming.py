"""The base of commands about one partner, which is named on the command line."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from onestop.partners.models import Partner


class PartnerCommand(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="TÊN")

    def partner(self, name: str) -> Partner:
        partner = Partner.objects.filter(name=name).first()
        if partner is None:
            known = ", ".join(Partner.objects.values_list("name", flat=True)) or "chưa có ai"
            raise CommandError(f"Không có đối tác nào tên “{name}”. Đang có: {known}.")
        return partner
