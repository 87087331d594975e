"""The tree of agencies (cơ quan, đơn vị), and the fields (lĩnh vực) in which they work."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from onestop.catalog.placements import Placement as Placement
from onestop.catalog.placements import settle
from onestop.common.errors import sentence
from onestop.common.input.columns import LineColumn

# Up to this number a query names each agency, so that the database can search an index once for each.
NAMED_AGENCIES = 50


class AgencyQuerySet(models.QuerySet["Agency"]):
    def level1(self) -> Self:
        """Ministries and provinces: the agencies that report to the national portal."""
        return self.filter(parent=None)

    def taking_in(self) -> Self:
        """The agencies that take dossiers in: neither they nor one above them has ended. See `Agency.takes_in`."""
        return self.filter(is_active=True, superior_ended=False)

    def within(self, agency: Agency) -> Self:
        """`agency` and all below it."""
        return self.filter(path__startswith=agency.path)

    def named(self) -> list[int] | None:
        """The keys of the agencies, if they are few enough to be named one by one in a query; otherwise None."""
        keys = list(self.order_by().values_list("pk", flat=True)[: NAMED_AGENCIES + 1])
        return keys if len(keys) <= NAMED_AGENCIES else None

    def within_code(self, code: str) -> Self:
        """The agency with that identifier and all below it, or none. Makes no query of its own."""
        top = Agency.objects.filter(code=code).values("path")
        return self.alias(top=models.Subquery(top)).filter(path__startswith=models.F("top"))


class Agency(models.Model):
    """An office or body (cơ quan, đơn vị) with its electronic identifier (mã định danh, QĐ 20/2020/QĐ-TTg)."""

    class Level(models.TextChoices):
        CENTRAL = "central", _("trung ương")
        PROVINCE = "province", _("cấp tỉnh")
        COMMUNE = "commune", _("cấp xã")

    class CodeOrder(models.TextChoices):
        """The form of the identifier in dossier codes; see `dossiers.numbering`."""

        LEVEL1_FIRST = "level1_first", _("H22.001.00 (TT 03/2025)")
        LEVEL1_LAST = "level1_last", _("000.00.01.H22 (TT 01/2018)")

    class FormSet(models.TextChoices):
        """The circular whose printed forms the agency uses. Forms of both are in use."""

        TT03_2025 = "tt03_2025", _("TT 03/2025/TT-VPCP")
        TT01_2018 = "tt01_2018", _("TT 01/2018/TT-VPCP")

    code = LineColumn(
        _("mã định danh"),
        max_length=35,
        unique=True,
        validators=[RegexValidator(r"\A[0-9A-Z]+(\.[0-9A-Z]+)*\Z", _("chỉ gồm chữ hoa, chữ số và dấu chấm"))],
    )
    name = LineColumn(_("tên"), max_length=500)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("cơ quan cấp trên"),
    )
    level = models.CharField(_("cấp"), max_length=10, choices=Level)
    code_order = models.CharField(
        _("cách viết mã hồ sơ"), max_length=12, choices=CodeOrder, default=CodeOrder.LEVEL1_FIRST
    )
    owner_digits = models.CharField(
        _("hai số của chủ hệ thống trong mã hồ sơ"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A\d{2}\Z", _("gồm đúng hai chữ số"))],
    )
    form_set = models.CharField(_("bộ mẫu in"), max_length=9, choices=FormSet, default=FormSet.TT03_2025)
    is_active = models.BooleanField(_("đang hoạt động"), default=True)
    # All three follow from `parent`. They are stored so that "this agency and all below" is one indexed prefix. They
    # describe today's tree; `placements` have the dates, and the earlier trees.
    path = models.CharField(max_length=200, editable=False, db_index=True)
    level1 = models.ForeignKey("self", models.PROTECT, null=True, editable=False, related_name="+")
    superior_ended = models.BooleanField(default=False, editable=False)
    # The figures of a level-1 agency are published for all days before this one, so its tree of those days is fixed.
    published_until = models.DateField(null=True, editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("cơ quan")
        verbose_name_plural = _("cơ quan")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @transaction.atomic
    def save(self, *args: Any, since: date | None = None, **kwargs: Any) -> None:
        """Saves the agency, and updates its place in the tree and the places of all below it, from `since` on.

        Without `since`, from today on. Raises ValidationError as `placements.settle` does.
        """
        super().save(*args, **kwargs)
        below = Agency.objects.within(self) if self.path else ()
        settle({**{agency.pk: agency for agency in below}, self.pk: self}, since)

    @property
    def takes_in(self) -> bool:
        """Whether the agency may take dossiers in. Otherwise it may only finish its dossiers or hand them over."""
        return self.is_active and not self.superior_ended

    @property
    def why_closed(self) -> str:
        """A sentence why the agency takes no dossiers in; "" if it does."""
        if self.takes_in:
            return ""
        message = _("%(agency)s hoặc cơ quan cấp trên đã kết thúc hoạt động nên không nhận hồ sơ.")
        return sentence(message, agency=self.name)

    def take_place(self, parent: Agency | None) -> bool:
        """Sets the columns that follow from `parent`, and returns whether they changed. Saves nothing.

        The place of `parent` itself must be up to date.
        """
        before = (self.path, self.level1_id, self.superior_ended)
        self.path = f"{parent.path if parent else '/'}{self.pk}/"
        self.level1_id = parent.level1_id if parent else self.pk
        self.superior_ended = parent is not None and not parent.takes_in
        return before != (self.path, self.level1_id, self.superior_ended)

    def clean(self) -> None:
        if self.parent is None:
            return
        if self.pk and self.parent.path.startswith(self.path):
            raise ValidationError({"parent": _("Cơ quan cấp trên không thể là chính nó hoặc đơn vị trực thuộc nó.")})
        stays = self.pk and self.path == f"{self.parent.path}{self.pk}/"
        if self.is_active and not self.parent.takes_in and not stays:
            raise ValidationError({"parent": _("Cơ quan cấp trên này đã kết thúc hoạt động.")})


class Field(models.Model):
    """A field of administration (lĩnh vực) that groups procedures, such as civil status (hộ tịch)."""

    code = LineColumn(_("mã"), max_length=35, unique=True)
    name = LineColumn(_("tên"), max_length=500)

    class Meta:
        verbose_name = _("lĩnh vực")
        verbose_name_plural = _("lĩnh vực")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
