"""Provinces and communes of today, and the names that they had before.

Since 1 July 2025 there are two levels, province and commune, and no districts. Papers and people still use the names
of before; each of them leads to the communes of today that its area belongs to.
"""

from __future__ import annotations

import re
from typing import Any, Final, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from onestop.common.input.columns import LineColumn
from onestop.common.input.text import composed, words_of
from onestop.common.wording import initials

# The level of a province or city stands before its name, and papers leave it out, shorten it, or have another one.
_LEVEL: Final = re.compile(r"\b(?:tỉnh|thành phố|thanh pho|tp)\b\.?")


def without_level(text: str) -> str:
    """`text` in small letters without “tỉnh” and “thành phố”: “gia lai” for “Tỉnh Gia Lai”."""
    return " ".join(_LEVEL.sub(" ", composed(text).casefold()).split())


def searched_words(name: str, *more: str) -> str:
    """A column `search`: the words of `name` without levels, then those that may be typed as well, between spaces."""
    province = without_level(name.rpartition(", ")[2])
    short = initials(province)
    words = words_of(" ".join((without_level(name), *more, short, f"tp{short}", "tỉnh")))
    return f" {' '.join(words)} "


class Province(models.Model):
    """A province, or a city directly under the central authority."""

    code = LineColumn(
        _("mã"), max_length=2, unique=True, validators=[RegexValidator(r"\A[0-9]{2}\Z", _("gồm đúng hai chữ số"))]
    )
    name = LineColumn(_("tên"), max_length=100)
    is_active = models.BooleanField(_("đang sử dụng"), default=True)

    class Meta:
        verbose_name = _("tỉnh, thành phố")
        verbose_name_plural = _("tỉnh, thành phố")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class PlaceQuerySet(models.QuerySet[Any]):  # Any: communes and former communes
    def matching(self, words: list[str]) -> Self:
        """Those that have, for every word, a word that begins with it; a number must be a whole word: Quận 1."""
        rows = self if words else self.none()
        for word in words:
            rows = rows.filter(search__contains=f" {word} " if word.isdecimal() else f" {word}")
        return rows


class Commune(models.Model):
    """A ward, commune or special zone (phường, xã, đặc khu), with the code of the General Statistics Office.

    One that is no longer in force stays for the dossiers that name it; `is_active` is False then.
    """

    code = LineColumn(
        _("mã"), max_length=5, unique=True, validators=[RegexValidator(r"\A[0-9]{5}\Z", _("gồm đúng năm chữ số"))]
    )
    name = LineColumn(_("tên"), max_length=100)
    province = models.ForeignKey(Province, models.PROTECT, related_name="communes", verbose_name=_("tỉnh, thành phố"))
    is_active = models.BooleanField(_("đang sử dụng"), default=True)
    # The words of name, province and code without accents.
    search = models.TextField(editable=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("xã, phường, đặc khu")
        verbose_name_plural = _("xã, phường, đặc khu")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name}, {self.province.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_search()
        super().save(*args, **kwargs)

    def refresh_search(self) -> None:
        """Sets `search`. Bulk inserts do not call `save`, so they call this themselves."""
        self.search = searched_words(str(self), self.code)


class FormerCommune(models.Model):
    """A commune, or a district without communes, as it was called before, and a commune of today in its area.

    One that was divided has a row for each commune of today. `code` is empty for a district without communes.
    """

    code = LineColumn(_("mã"), max_length=5, blank=True, db_index=True)
    name = LineColumn(_("tên đầy đủ"), max_length=300)
    commune = models.ForeignKey(Commune, models.CASCADE, related_name="former", verbose_name=_("nay thuộc"))
    search = models.TextField(editable=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("đơn vị hành chính cũ")
        verbose_name_plural = _("đơn vị hành chính cũ")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["name", "commune"], name="former_commune_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refresh_search()
        super().save(*args, **kwargs)

    def refresh_search(self) -> None:
        """Sets `search`, as `Commune.refresh_search` does."""
        self.search = searched_words(self.name, self.code)
