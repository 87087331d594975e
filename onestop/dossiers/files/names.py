"""What a stored file may be called: a name that hides nothing, wherever the file is saved to."""

from __future__ import annotations

from pathlib import PurePath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from onestop.common.input.text import NOT_IN_A_LINE, visible

MOST_LETTERS = 255
# No letter is put together of more than four; what is longer is too long without composing it, which takes a time
# that grows with the square of a run of accents.
MOST_LETTERS_CLAIMED = 4 * MOST_LETTERS
# What runs when it is opened. Not .com and .js: papers are honestly named after sites ("hóa đơn tiki.com.pdf").
PROGRAMS = frozenset([".bat", ".cmd", ".exe", ".hta", ".jar", ".lnk", ".msi", ".pif", ".ps1", ".scr", ".vbs"])
# As much of a refused name as a message needs.
SHOWN = 80


def stored_name(claimed: str) -> str:
    """`claimed`, the name alone without folders, composed and without what is invisible.

    Raises ValidationError for one that leads to another folder, is hidden or holds hidden characters, is longer than
    255 letters, ends in a dot or a blank, or bears a program's ending before its last. The last ending is for
    `check_upload` to judge.
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
    # Windows leaves these out when it saves a file, so that the name ends in something else there than here.
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
    """A refused name as a message may show it: what is hidden in it must not work on the page that tells of it."""
    seen = NOT_IN_A_LINE.sub("\N{REPLACEMENT CHARACTER}", name)
    return seen if len(seen) <= SHOWN else f"{seen[:SHOWN]}…"
