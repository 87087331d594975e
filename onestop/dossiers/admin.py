"""Dossiers in Django's admin: to read them and to correct an applicant's data. Other moves are made at the desk."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse

from onestop.common.admin.pages import LargeTableAdmin, ReadOnlyAdmin
from onestop.staff.models import AccessLog, User

from .access import sees
from .desk.communes import CommuneField
from .lifecycle import AMENDABLE, amend, applicants, possible_moves
from .models import (
    Attachment,
    DailySequence,
    Dossier,
    DossierQuerySet,
    DueDate,
    Fee,
    Move,
    Paper,
    Supplement,
    Transition,
)

Row = TypeVar("Row", bound=Model)


class ReadOnlyInline(admin.TabularInline[Row, Dossier]):
    extra = 0
    can_delete = False
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        """With the dossier: each row shows its name."""
        return super().get_queryset(request).select_related("dossier")

    def has_add_permission(self, request: HttpRequest, obj: Dossier | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Dossier | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Dossier | None = None) -> bool:
        """A user who may see dossiers may see what they contain."""
        return request.user.has_perm("dossiers.view_dossier") or request.user.has_perm("dossiers.change_dossier")


class TransitionInline(ReadOnlyInline[Transition]):
    model = Transition
    fields = ["at", "move", "from_state", "to_state", "actor_name", "actor_position", "unit", "comment"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transition]:
        return super().get_queryset(request).select_related("unit")


class DueDateInline(ReadOnlyInline[DueDate]):
    model = DueDate


class SupplementInline(ReadOnlyInline[Supplement]):
    model = Supplement


class PaperInline(ReadOnlyInline[Paper]):
    model = Paper
    fields = ["name", "quantity", "phase", "received_at"]


class FeeInline(ReadOnlyInline[Fee]):
    model = Fee
    fields = ["name", "amount", "phase", "demanded_at", "paid_at", "method", "receipt_no"]


class AttachmentInline(ReadOnlyInline[Attachment]):
    model = Attachment
    # Files are fetched at the desk, which checks who may see them.
    fields = ["ordinal", "name", "size", "sha256", "phase", "uploaded_at"]


class DossierForm(ModelForm[Dossier]):
    """Corrects the data of applicant and submitter. They are checked as at the desk."""

    commune = CommuneField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: Django's own arguments
        super().__init__(*args, **kwargs)
        # A user who may only read has no fields.
        if isinstance(field := self.fields.get("commune"), CommuneField):
            field.agency, field.kept = self.instance.agency, self.instance.commune

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        typed = {name: self.cleaned_data.get(name) or "" for name in ("applicant_kind", *applicants.NUMBERS)}
        names = ("birth_date", *applicants.SUBMITTER)
        dossier = Dossier(**typed | {name: self.cleaned_data.get(name) or "" for name in names})
        wrong = applicants.person_errors(dossier) | applicants.number_errors(dossier, self.changed_data)
        for name, errors in wrong.items():
            for error in errors:
                self.add_error(name, ValidationError(str(error), error.code))
        return cleaned


@admin.register(Dossier)
class DossierAdmin(LargeTableAdmin[Dossier]):
    belongs_to = "agency"
    form = DossierForm
    list_display = ["__str__", "applicant_name", "procedure", "state", "due_at", "unit"]
    # Only columns with an index: without one, all dossiers would be read to find a rare value.
    list_filter = ["state", "is_test"]
    list_select_related = ["procedure", "unit"]
    search_fields = ["search"]
    inlines = [
        TransitionInline,
        DueDateInline,
        SupplementInline,
        PaperInline,
        FeeInline,
        AttachmentInline,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Dossier]:
        return Dossier.objects.visible_to(request.user) if isinstance(request.user, User) else Dossier.objects.none()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Dossier | None:
        """With all related rows that its page shows."""
        if not isinstance(request.user, User) or not object_id.isdecimal():
            return None
        named = Dossier.objects.select_related(
            "procedure", "agency", "unit", "officer", "partner", "commune__province"
        )
        dossier = named.filter(pk=object_id).first()
        if dossier is None or not sees(request.user, dossier):
            return None
        AccessLog.note(request.user, AccessLog.Act.OPEN, dossier.uuid)
        return dossier

    def may_write(self, request: HttpRequest, row: Dossier) -> bool:
        """Also true for the unit that works on the dossier now; see `has_change_permission`."""
        return isinstance(request.user, User) and sees(request.user, row)

    def view_on_site(self, dossier: Dossier) -> str:
        """The address of the desk's page, which also has opinions and printed papers."""
        return reverse("dossiers:detail", args=[dossier.uuid])

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Dossier], search_term: str
    ) -> tuple[QuerySet[Dossier], bool]:
        """Searches as the desk does."""
        assert isinstance(queryset, DossierQuerySet)  # noqa: S101 see `get_queryset`
        return (queryset.matching(search_term) if search_term else queryset), False

    def get_fields(self, request: HttpRequest, obj: Dossier | None = None) -> tuple[str, ...]:
        return (*AMENDABLE, *self.get_readonly_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Dossier | None = None) -> list[str]:
        hidden = {"id", "token", "search", *AMENDABLE}
        return [field.name for field in Dossier._meta.fields if field.name not in hidden]

    def save_model(self, request: HttpRequest, obj: Dossier, form: ModelForm[Dossier], change: bool) -> None:
        """Makes the move *amend*, so that the change is reported to the portal."""
        assert isinstance(request.user, User)  # noqa: S101 others are shown none
        dossier = Dossier.objects.get(pk=obj.pk)
        typed = {name: form.cleaned_data[name] for name in form.changed_data}
        if changes := {name: value for name, value in typed.items() if value != getattr(dossier, name)}:
            amend(dossier, request.user, changes=changes)

    def has_change_permission(self, request: HttpRequest, obj: Dossier | None = None) -> bool:
        may_change = super().has_change_permission(request, obj)
        if obj is None or not isinstance(request.user, User):
            return may_change
        return may_change and Move.AMEND in possible_moves(obj, request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Dossier | None = None) -> bool:
        return False


@admin.register(DailySequence)
class DailySequenceAdmin(ReadOnlyAdmin[DailySequence]):
    """For superusers only: a row belongs to no agency, it has only the identifier with which codes begin."""

    belongs_to = None
    list_display = ["identifier", "day", "last"]
    search_fields = ["identifier__exact"]

    def has_view_permission(self, request: HttpRequest, obj: DailySequence | None = None) -> bool:
        return isinstance(request.user, User) and request.user.is_superuser


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin[Transition]):
    belongs_to = "unit"
    list_display = ["at", "dossier", "move", "from_state", "to_state", "actor_name", "unit"]
    list_select_related = ["dossier", "unit"]
    # Whole codes only. To search for a part of a code, search dossiers.
    search_fields = ["dossier__code__exact"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transition]:
        if not isinstance(request.user, User):
            return Transition.objects.none()
        if request.user.is_superuser:
            return Transition.objects.all()
        visible = Dossier.objects.visible_to(request.user)
        return Transition.objects.filter(dossier__in=visible)
