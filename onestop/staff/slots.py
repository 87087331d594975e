"""What users and the catalogue add to the navigation and to the page *Quản trị*."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from .access import permission
from .administration.entries import AdminEntry, add_to_administration

# Imported for the permissions they declare.
from .catalogue import rules as catalogue_rules
from .guide.topics import Chapter, Topic, add_to_guide
from .models import Role, User
from .navigation import NavEntry, add_to_navigation, page_or_below
from .users import rules as user_rules

__all__ = ["catalogue_rules", "user_rules"]


@permission("open_django_admin")
def may_open_django_admin(user: User) -> bool:
    return user.is_staff


@permission("administer")
def may_administer(user: User) -> bool:
    """Whether the navigation leads to the page *Quản trị*. By role alone: every page asks this, without a query."""
    return user.is_staff or user.role == Role.ADMINISTRATOR


add_to_navigation(NavEntry(90, _("Quản trị"), "administration", "administer", page_or_below))
add_to_administration(
    AdminEntry(
        10, _("Người dùng"), _("Tài khoản của cán bộ: thêm, sửa, cấp lại mật khẩu, khóa."), "users", "manage_users"
    ),
    AdminEntry(
        20,
        _("Giờ làm việc"),
        _("Giờ làm việc của từng cơ quan; thời hạn giải quyết được tính theo giờ này."),
        "working-hours",
        "set_hours",
    ),
    AdminEntry(
        30,
        _("Ngày nghỉ, ngày làm bù"),
        _("Lịch nghỉ lễ, nghỉ bù, làm bù của từng năm, áp dụng cho mọi cơ quan."),
        "calendar",
        "see_catalogue",
    ),
    AdminEntry(
        40,
        _("Thủ tục hành chính"),
        _("Cách tiếp nhận và cách tính thời hạn của từng thủ tục."),
        "procedures",
        "see_catalogue",
    ),
    AdminEntry(
        90,
        _("Trang quản trị dữ liệu"),
        _("Mọi bảng dữ liệu của hệ thống, dùng khi cần khắc phục sự cố."),
        "admin:index",
        "open_django_admin",
    ),
)
add_to_guide(
    Topic(
        Chapter.BEGINNING, 10, "account", "Đăng nhập và tài khoản", "guide/account.html", ("own-page", "own-password")
    ),
    Topic(
        Chapter.BEGINNING, 20, "frame", "Đầu trang, phím tắt và trợ giúp", "guide/frame.html", ("guide", "guide-topic")
    ),
    Topic(
        Chapter.ADMINISTRATION,
        10,
        "administration",
        "Trang Quản trị",
        "guide/administration.html",
        ("administration",),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        20,
        "users",
        "Người dùng",
        "guide/users.html",
        ("users", "user", "user-add", "user-password", "user-retire", "user-restore"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        30,
        "working-hours",
        "Giờ làm việc",
        "guide/working_hours.html",
        ("working-hours", "hours-of-agency", "hours-of-all"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        40,
        "calendar",
        "Ngày nghỉ, ngày làm bù",
        "guide/calendar.html",
        ("calendar", "calendar-add", "calendar-day", "calendar-remove"),
    ),
    Topic(
        Chapter.ADMINISTRATION,
        50,
        "procedures",
        "Thủ tục hành chính",
        "guide/procedures.html",
        ("procedures", "procedure"),
    ),
)
