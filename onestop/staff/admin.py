"""Accounts of staff in Django's admin: their roles and agencies, and rights beyond those of a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserChangeForm, UsernameField
from django.contrib.auth.models import Group, Permission
from django.db.models import CharField, Field, ManyToManyField, Model, QuerySet
from django.forms import CheckboxSelectMultiple, ModelForm, ModelMultipleChoiceField, TypedChoiceField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from onestop.common.admin.pages import UserAdmin, scripts
from onestop.common.admin.scoped import ScopedAdmin
from onestop.common.input.form_fields import LineField

from .models import User
from .own.sessions import end_sessions
from .users.rules import (
    NOT_ONE_S_OWN,
    accounts_changed_by,
    accounts_seen_by,
    lock_administrators,
    may_lock,
    may_write,
    require_possible,
    roles_to_give,
)

# The fields that give more rights than a role has. Only a superuser may change them.
POWERS = ("is_superuser", "groups", "user_permissions")

ACTS = {"view": _("xem"), "add": _("thêm"), "change": _("sửa"), "delete": _("xóa")}


class RightsField(ModelMultipleChoiceField[Permission]):
    """Shows rights in the user's language. Django stores their names in English."""

    def label_from_instance(self, right: Permission) -> str:
        act = right.codename.partition("_")[0]
        return f"{right.content_type.app_labeled_name}: {ACTS.get(act, right.name)}"


def with_checkboxes(field: ManyToManyField[Any, Any], options: dict[str, object]) -> dict[str, object]:
    """Options for the form field of `field` with checkboxes, because Django's two lists have English labels."""
    options = options | {"widget": CheckboxSelectMultiple}
    return options | {"form_class": RightsField} if field.related_model is Permission else options


if TYPE_CHECKING:
    _PasswordForm = AdminPasswordChangeForm[User]
    _ChangeForm = UserChangeForm[User]
else:
    # Generic in the stubs alone. django-stubs-ext does not patch it, because importing it needs the models.
    _PasswordForm = AdminPasswordChangeForm
    _ChangeForm = UserChangeForm


class NewStaffPasswordForm(_PasswordForm):
    """The form to set another person's password. Its owner must change that password before anything else."""

    def save(self, commit: bool = True) -> User:
        self.user.must_change_password = True
        person: User = super().save(commit)
        end_sessions(person)
        return person


class AccountAdminForm(_ChangeForm):
    """The form of an account. `user`, who changes it, is set for each request."""

    user: ClassVar[User]

    class Meta:
        model = User
        # A person has one full name.
        exclude = ("first_name", "last_name")
        field_classes: ClassVar = {"username": UsernameField}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk and not self.errors:
            lock_administrators()
            before = User.objects.get(pk=self.instance.pk)
            after = User(pk=before.pk)
            for name in NOT_ONE_S_OWN:
                setattr(after, name, self.cleaned_data.get(name, getattr(before, name)))
            require_possible(self.user, before, after)
        return cleaned


admin.site.unregister(Group)


@admin.register(Group)
class RightsGroupAdmin(ScopedAdmin[Group], GroupAdmin):
    belongs_to = None
    media = property(scripts)
    filter_horizontal = ()
    formfield_overrides: ClassVar[Mapping[type[Field[Any, Any]], Mapping[str, object]]] = {
        CharField: {"form_class": LineField}
    }

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: object
    ) -> ModelMultipleChoiceField[Model] | None:
        return super().formfield_for_manytomany(db_field, request, **with_checkboxes(db_field, kwargs))


@admin.register(User)
class StaffAdmin(UserAdmin[User]):
    """`is_staff` is not on the page, because it follows from the role."""

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
    form = AccountAdminForm
    change_password_form = NewStaffPasswordForm
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Người dùng"), {"fields": ["full_name", "position", "email"]}),
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
        return accounts_seen_by(_user_of(request)).order_by(*self.ordering)

    def may_write(self, request: HttpRequest, row: User) -> bool:
        """As on the office's pages: see `users.rules`."""
        user = _user_of(request)
        if user.is_superuser or row.pk is None:
            return may_write(user, row)
        return may_write(user, row) and accounts_changed_by(user).filter(pk=row.pk).exists()

    def writable(self, request: HttpRequest, rows: QuerySet[User]) -> QuerySet[User]:
        return rows.filter(pk__in=accounts_changed_by(_user_of(request)).order_by().values("pk"))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whoever must not be locked must not be deleted, either. Whom records name, the database keeps."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_lock(_user_of(request), obj))

    def formfield_for_choice_field(
        self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> TypedChoiceField | None:
        if db_field.name == "role":
            kwargs["choices"] = [(role.value, role.label) for role in roles_to_give(_user_of(request))]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm[User]]:
        """Requires an agency, except for a superuser: where `is_superuser` is not on the form, the form does not check
        the model's constraint, and only the database would."""
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = _user_of(request)  # type: ignore[attr-defined] # of AccountAdminForm; no matter to the one that adds
        if "agency" in form.base_fields:
            form.base_fields["agency"].required = not (obj and obj.is_superuser)
        return form

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: object
    ) -> ModelMultipleChoiceField[Model] | None:
        return super().formfield_for_manytomany(db_field, request, **with_checkboxes(db_field, kwargs))

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        if not change:
            obj.must_change_password = True
        super().save_model(request, obj, form, change)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Leads users to their own page for their own password, which requires the old one."""
        if id == str(request.user.pk):
            return redirect("own-password")
        return super().user_change_password(request, id, form_url)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        fields = list(super().get_readonly_fields(request, obj))
        return fields if _is_superuser(request) else [*fields, *POWERS]


def _user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 the admin admits no other visitor
    return request.user


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser
