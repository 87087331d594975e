"""Renames the permissions of a model that a migration renames."""

from collections.abc import Callable

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython

ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(app: str, old: str, new: str) -> RunPython:
    """An operation to put after the RenameModel: users keep their permissions over the renamed model.

    Django renames the content type itself, but not the code names of the permissions. It would create new permissions
    that no user has.
    """

    def renamed(before: str, after: str) -> Callable[[Apps, BaseDatabaseSchemaEditor], None]:
        def forward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
            permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
            for action in ACTIONS:
                permissions.filter(content_type__app_label=app, codename=f"{action}_{before}").update(
                    codename=f"{action}_{after}"
                )

        return forward

    return RunPython(renamed(old, new), renamed(new, old))
