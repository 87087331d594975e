"""Permissions keep up with a model that a migration renames."""

from typing import Any

from django.db.migrations import RunPython

ACTIONS = ("add", "change", "delete", "view")


def rename_permissions(app: str, old: str, new: str) -> RunPython:
    """For the migration with the RenameModel, after it: who held a right over the old model holds it over the new one.

    Django renames the content type itself, but not the permissions' code names, and would make new ones nobody holds.
    """

    def renamed(before: str, after: str) -> Any:
        def forward(apps: Any, schema_editor: Any) -> None:
            permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
            for action in ACTIONS:
                permissions.filter(content_type__app_label=app, codename=f"{action}_{before}").update(
                    codename=f"{action}_{after}"
                )

        return forward

    return RunPython(renamed(old, new), renamed(new, old))
