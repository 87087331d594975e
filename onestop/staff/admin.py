"""Who works here, in Django's admin: accounts, their roles and agencies, and rights beyond those of a role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, ManyToManyField, QuerySet
from django.forms import CheckboxSelectMultiple, ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from onestop.common.admin.pages import UserAdmin, scripts
from onestop.common.admin.scoped import ScopedAdmin
from onestop.common.input.form_fields import LineField

from .models import User

# What makes somebody more than a member of staff; only a superuser hands it out.
POWERS = ("is_superuser", "groups", "user_permissions")

ACTS = {"view": _("xem"), "add": _("thêm"), "change": _("sửa"), "delete": _("xóa")}


class RightsField(ModelMultipleChoiceField[Permission]):
    """Rights in words; Django keeps their names in English."""

    def label_from_instance(self, right: Permission) -> str:
        act = right.codename.partition("_")[0]
        return f"{right.content_type.app_labeled_name}: {ACTS.get(act, right.name)}"


def to_tick(field: ManyToManyField[Any, Any], how: dict[str, Any]) -> dict[str, Any]:
    """How the admin makes a field of a form: what is chosen is ticked; Django's two lists speak English."""
    how = how | {"widget": CheckboxSelectMultiple}
    return how | {"form_class": RightsField} if field.related_model is Permission else how


if TYPE_CHECKING:
    _PasswordForm = AdminPasswordChangeForm[User]
else:
    # Generic in the stubs alone: django-stubs-ext does not patch it, for importing it needs the models.
    _PasswordForm = AdminPasswordChangeForm


class SomebodysPasswordForm(_PasswordForm):
    """A password that another person has set: its owner changes it before anything else."""

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = True
        person: User = super().save(commit)
        return person


admin.site.unregister(Group)


@admin.register(Group)
class RightsGroupAdmin(ScopedAdmin[Group], GroupAdmin):
    belongs_to = None
    media = property(scripts)
    filter_horizontal = ()
    formfield_overrides: ClassVar[Any] = {CharField: {"form_class": LineField}}

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        return super().formfield_for_manytomany(db_field, request, **to_tick(db_field, kwargs))


@admin.register(User)
class StaffAdmin(UserAdmin[User]):
    """`is_staff` is not here: it follows from the role."""

    belongs_to = "agency"
    list_display = ["username", "full_name", "position", "role", "agency", "is_active"]
    list_filter = ["role", "is_active", "is_superuser"]
    list_select_related = ["agency"]
    search_fields = ["username", "full_name", "email", "agency__code", "agency__name"]
    autocomplete_fields = ["agency"]
    filter_horizontal = ()
    show_full_result_count = False
    ordering = ["username"]
    readonly_fields = ["last_login", "date_joined"]
    change_password_form = SomebodysPasswordForm
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Người"), {"fields": ["full_name", "position", "email"]}),
        (_("Công việc"), {"fields": ["role", "agency", "is_active", "must_change_password"]}),
        (_("Quyền đặc biệt"), {"classes": ["collapse"], "fields": list(POWERS)}),
        (_("Thời điểm"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "username",
                    "usable_password",
                    "password1",
                    "password2",
                    "full_name",
                    "position",
                    "role",
                    "agency",
                ],
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Who is no superuser neither sees nor changes one."""
        everybody: QuerySet[User] = super().get_queryset(request)
        return everybody if _is_superuser(request) else everybody.filter(is_superuser=False)

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Asks everybody but a superuser for an agency: where `is_superuser` is not on the form, the model's own
        constraint is not checked there, only in the database."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "agency" in form.base_fields:
            form.base_fields["agency"].required = not (obj and obj.is_superuser)
        return form

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        return super().formfield_for_manytomany(db_field, request, **to_tick(db_field, kwargs))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """One's own is changed by whoever knows the old one."""
        if id == str(request.user.pk):
            return redirect("own-password")
        return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else [*fields, *POWERS]


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser
