"""The commune that a partner names by its code: today's codes alone; for a former one the error names today's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from onestop.catalog.models import Commune, FormerCommune
from onestop.common.errors import InputRefused, Refused

FIELD = "commune_code"


class CommuneCodes:
    """Communes by code, each looked up once."""

    def __init__(self) -> None:
        self._communes: dict[str, Commune | None] = {}
        self._former: dict[str, list[FormerCommune]] = defaultdict(list)

    def look_up(self, codes: Iterable[str]) -> None:
        """Reads the communes of many dossiers at once."""
        unread = {code for code in codes if code and code not in self._communes}
        if not unread:
            return
        rows = Commune.objects.filter(code__in=unread, is_active=True).select_related("province")
        self._communes |= dict.fromkeys(unread) | {commune.code: commune for commune in rows}
        unknown = [code for code in unread if self._communes[code] is None]
        if unknown:
            former = FormerCommune.objects.filter(code__in=unknown, commune__is_active=True)
            for row in former.select_related("commune__province").order_by("pk"):
                self._former[row.code].append(row)

    def commune(self, code: str) -> Commune | None:
        """The commune; None for an empty code. Raises InputRefused for a code that none has today."""
        if not code:
            return None
        self.look_up([code])
        if commune := self._communes[code]:
            return commune
        if former := self._former[code]:
            message = _("Mã này là của %(former)s, đơn vị hành chính cũ; nay thuộc %(today)s.")
            today = "; ".join(f"{row.commune.code} {row.commune}" for row in former)
            raise InputRefused({FIELD: Refused(message, "former", {"former": former[0].name, "today": today})})
        message = _("Không có xã, phường mang mã này; tra mã ở /api/v1/communes.")
        raise InputRefused({FIELD: Refused(message, "unknown")})
