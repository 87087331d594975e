"""The forms of an account, and of the list of accounts."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onestop.catalog.models import Agency
from onestop.common.input.form_fields import EmailField, LineField
from onestop.common.input.text import without_accents
from onestop.staff.models import Role, User

from .rules import accounts_seen_by, require_possible, roles_to_give

ACTIVE, LOCKED = "active", "locked"


class AgencyChoice(forms.ModelChoiceField[Agency]):
    def label_from_instance(self, obj: Agency) -> str:
        return f"{obj.name} ({obj.code})"


class AccountForm(forms.ModelForm[User]):
    """An account as an administrator changes it."""

    agency = AgencyChoice(label=gettext_lazy("cơ quan"), queryset=Agency.objects.none())
    email = EmailField(label=gettext_lazy("email"), required=False, max_length=254)

    class Meta:
        model = User
        fields = ["full_name", "position", "agency", "role", "email"]

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:  # Any: the arguments of Django's form
        super().__init__(*args, **kwargs)
        self._user = user
        self._before = User.objects.get(pk=self.instance.pk) if self.instance.pk else None
        agency = cast("forms.ModelChoiceField[Agency]", self.fields["agency"])
        agency.queryset = user.agencies
        # Only a superuser belongs to no agency, and does not get one by the way.
        agency.required = not self.instance.is_superuser
        role = cast(forms.ChoiceField, self.fields["role"])
        role.choices = [(each.value, each.label) for each in roles_to_give(user)]
        self.fields["full_name"].help_text = _("Họ tên và chức vụ được in trên giấy tờ trả người dân.")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self._before is not None and not self.errors:
            after = User(pk=self._before.pk, is_active=self._before.is_active, is_superuser=self._before.is_superuser)
            after.role, after.agency = self.cleaned_data["role"], self.cleaned_data["agency"]
            try:
                require_possible(self._user, self._before, after)
            except ValidationError as error:
                self._show(error)
        return cleaned

    def _show(self, error: ValidationError) -> None:
        for name, reasons in (error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error}).items():
            self.add_error(name if name in self.fields else None, reasons)


class NewAccountForm(AccountForm):
    username = UsernameField(
        label=gettext_lazy("tên đăng nhập"),
        max_length=150,
        validators=[User.username_validator],
        help_text=gettext_lazy("Ví dụ: lan.nt. Chỉ gồm chữ, chữ số và các dấu @ . + - _; không đổi được về sau."),
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    class Meta(AccountForm.Meta):
        fields = ["username", *AccountForm.Meta.fields]

    field_order = ["full_name", "position", "agency", "role", "username", "email"]

    def clean_username(self) -> str:
        """Also refuses a name that differs from another only in capitals: people would take one for the other."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(_("Tên đăng nhập này đã có người sử dụng."), "unique")
        return username


class AccountFilter(forms.Form):
    """The list of accounts. Its values are in the address."""

    q = LineField(
        label=gettext_lazy("họ tên, chức vụ hoặc tên đăng nhập"),
        max_length=150,
        required=False,
        widget=forms.TextInput({"type": "search", "placeholder": gettext_lazy("có thể nhập không dấu")}),
    )
    agency = AgencyChoice(
        label=gettext_lazy("cơ quan"),
        queryset=Agency.objects.none(),
        required=False,
        empty_label=gettext_lazy("tất cả cơ quan"),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("vai trò"), choices=[("", gettext_lazy("mọi vai trò")), *Role.choices], required=False
    )
    status = forms.ChoiceField(
        label=gettext_lazy("trạng thái"),
        choices=[
            ("", gettext_lazy("tất cả")),
            (ACTIVE, gettext_lazy("đang hoạt động")),
            (LOCKED, gettext_lazy("đã khóa")),
        ],
        required=False,
    )

    def __init__(self, user: User, params: Any) -> None:  # Any: what Django takes as the data of a form
        super().__init__(params)
        self._user = user
        cast("forms.ModelChoiceField[Agency]", self.fields["agency"]).queryset = user.agencies

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def accounts(self) -> QuerySet[User]:
        """The accounts that the form finds; none if it is not valid."""
        accounts = accounts_seen_by(self._user).order_by("-is_active", "full_name", "pk")
        if not self.is_valid():
            return accounts.none()
        params = self.cleaned_data
        for word in without_accents(params["q"]).split():
            accounts = accounts.filter(search__contains=word)
        if params["agency"]:
            accounts = accounts.filter(agency__in=Agency.objects.within(params["agency"]).order_by().values("pk"))
        if params["role"]:
            accounts = accounts.filter(role=params["role"], is_superuser=False)
        if params["status"]:
            accounts = accounts.filter(is_active=params["status"] == ACTIVE)
        return accounts
