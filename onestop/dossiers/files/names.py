"""Which names stored files may have: names that hide nothing, wherever the file is saved."""

from __future__ import annotations

from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from onestop.common.input.text import NOT_IN_A_LINE, visible

MOST_LETTERS = 255
# A letter is composed of four characters at most, so a longer name is too long in any case. It is refused before it is
# composed: that takes a time that grows with the square of a run of accents.
MOST_LETTERS_CLAIMED = 4 * MOST_LETTERS
# Files that run when they are opened. Not .com and .js: papers are named after sites ("hóa đơn tiki.com.pdf").
PROGRAMS = frozenset([".bat", ".cmd", ".exe", ".hta", ".jar", ".lnk", ".msi", ".pif", ".ps1", ".scr", ".vbs"])
# A message shows so many letters of a refused name.
SHOWN = 80


def stored_name(claimed: str) -> str:
    """The `claimed` name, composed and without invisible characters.

    Raises ValidationError for a name that leads to another folder, is hidden or has hidden characters, is longer than
    255 letters, ends in a dot or a blank, or has a program's ending before its last. `check_upload` checks the last
    ending.
    """
    if len(claimed) > MOST_LETTERS_CLAIMED:
        raise _too_long(claimed)
    name = visible(claimed)
    if len(name) > MOST_LETTERS:
        raise _too_long(name)
    shown = {"name": _legible(name)}
    if NOT_IN_A_LINE.search(name):
        raise ValidationError(_("Tên tệp “%(name)s” có ký tự điều khiển hoặc ký tự ẩn.") % shown)
    if "/" in name or "\\" in name:
        raise ValidationError(_("Tên tệp “%(name)s” không được có dấu / hoặc \\.") % shown)
    if name.startswith("."):
        raise ValidationError(_("Tên tệp “%(name)s” không được bắt đầu bằng dấu chấm.") % shown)
    # Windows drops these when it saves a file, so the name would end otherwise there than here.
    if name != name.rstrip(". \u00a0\u3000"):
        message = _("Tên tệp “%(name)s” không được kết thúc bằng dấu chấm hoặc khoảng trắng.")
        raise ValidationError(message % shown)
    if not PROGRAMS.isdisjoint(ending.strip() for ending in PurePath(name.lower()).suffixes[:-1]):
        raise ValidationError(_("Tên tệp “%(name)s” có phần mở rộng của chương trình.") % shown)
    return name


def _too_long(name: str) -> ValidationError:
    params = {"name": _legible(name), "limit": MOST_LETTERS}
    return ValidationError(_("Tên tệp “%(name)s” dài hơn %(limit)d ký tự.") % params)


def _legible(name: str) -> str:
    """A refused name for a message, its hidden characters replaced: they must not take effect on the page."""
    seen = NOT_IN_A_LINE.sub("\N{REPLACEMENT CHARACTER}", name)
    return seen if len(seen) <= SHOWN else f"{seen[:SHOWN]}…"
