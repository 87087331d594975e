"""Django's class-based parts as its type stubs know them: generic, so that `ModelAdmin[Agency]` can be written.

At run time Django's own classes take no parameter; these take one and ignore it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.contrib.auth.admin import UserAdmin
    from django.contrib.auth.forms import AdminPasswordChangeForm
    from django.core.paginator import Paginator
    from django.forms import ModelChoiceField, ModelForm, ModelMultipleChoiceField
else:
    from django import forms
    from django.contrib import admin
    from django.contrib.auth import admin as auth_admin
    from django.contrib.auth import forms as auth_forms
    from django.core import paginator

    class ModelAdmin(admin.ModelAdmin):
        def __class_getitem__(cls, model):
            return cls

    class StackedInline(admin.StackedInline):
        def __class_getitem__(cls, models):
            return cls

    class TabularInline(admin.TabularInline):
        def __class_getitem__(cls, models):
            return cls

    class UserAdmin(auth_admin.UserAdmin):
        def __class_getitem__(cls, model):
            return cls

    class AdminPasswordChangeForm(auth_forms.AdminPasswordChangeForm):
        def __class_getitem__(cls, user):
            return cls

    class Paginator(paginator.Paginator):
        def __class_getitem__(cls, row):
            return cls

    class ModelChoiceField(forms.ModelChoiceField):
        def __class_getitem__(cls, model):
            return cls

    class ModelMultipleChoiceField(forms.ModelMultipleChoiceField):
        def __class_getitem__(cls, model):
            return cls

    class ModelForm(forms.ModelForm):
        def __class_getitem__(cls, model):
            return cls


__all__ = [
    "AdminPasswordChangeForm",
    "ModelAdmin",
    "ModelChoiceField",
    "ModelForm",
    "ModelMultipleChoiceField",
    "Paginator",
    "StackedInline",
    "TabularInline",
    "UserAdmin",
]
