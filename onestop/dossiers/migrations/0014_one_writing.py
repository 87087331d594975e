"""Applicants' texts and numbers are brought to the one way in which they are kept from now on, and searched anew.

Tells how many phones and identity numbers it mended and how many it could not; which dossiers those are, the command
`doubtful_numbers` lists. What a text or number says stays; nothing is emptied and nothing is cut.
"""

from django.db import migrations, models

from onestop.common.input import identity_numbers, phones
from onestop.common.input.text import tidy_line, tidy_lines, words_of

BATCH = 5000
# As today's columns mend them. A later change of the rules brings a migration of its own.
MEND = {
    "identity_no": identity_numbers.canonical,
    "phone": phones.canonical,
    "applicant_name": tidy_line,
    "address": tidy_line,
    "applicant_note": tidy_lines,
    "summary": tidy_lines,
}


def searched(row):
    text = f"{row['code'] or ''} {row['applicant_name']} {row['summary']}"
    return "".join(f" {word}" for word in words_of(text))


def mended(row, longest):
    """The row's columns as they are to be; one that would become too long, or empty, stays."""
    now = dict(row)
    for name, mend in MEND.items():
        if row[name]:
            text = mend(row[name])
            if text and len(text) <= longest[name]:
                now[name] = text
    return now | {"search": searched(now)}


def rows_in_batches(model):
    columns = ["pk", "code", "applicant_kind", "search", *MEND]
    last = 0
    while batch := list(model.objects.filter(pk__gt=last).order_by("pk").values(*columns)[:BATCH]):
        yield batch
        last = batch[-1]["pk"]


def bring_to_one_writing(apps, schema_editor):
    model = apps.get_model("dossiers", "Dossier")
    longest = {name: model._meta.get_field(name).max_length for name in MEND}
    written = ["search", *MEND]
    changed, doubtful = dict.fromkeys(written, 0), {"identity_no": 0, "phone": 0}
    statement = f"UPDATE dossiers_dossier SET {', '.join(f'{name} = %s' for name in written)} WHERE id = %s"
    for batch in rows_in_batches(model):
        updates = []
        for row in batch:
            now = mended(row, longest)
            differing = [name for name in written if now[name] != row[name]]
            for name in differing:
                changed[name] += 1
            if differing:
                updates.append([*(now[name] for name in written), row["pk"]])
            doubtful["phone"] += bool(phones.objection(now["phone"]))
            doubtful["identity_no"] += bool(identity_numbers.objection(now["identity_no"], now["applicant_kind"]))
        if updates:
            with schema_editor.connection.cursor() as cursor:
                cursor.executemany(statement, updates)
    if any(changed.values()) or any(doubtful.values()):
        print()
        print(f"    Phones: {changed['phone']} brought to one writing, {doubtful['phone']} doubtful and left.")
        print(f"    Identity numbers: {changed['identity_no']} mended, {doubtful['identity_no']} doubtful and left.")
        texts = sum(changed[name] for name in MEND if name not in doubtful)
        print(f"    Texts: {texts} composed or tidied; {changed['search']} dossiers are searched by other words.")
        if any(doubtful.values()):
            print("    Which they are: python manage.py doubtful_numbers")
    if schema_editor.connection.vendor == "postgresql":
        # No index is made while checks of this transaction are due.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [
        ("dossiers", "0013_moments_put_right"),
    ]

    operations = [
        migrations.RunPython(bring_to_one_writing, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                condition=models.Q(("phone__contains", ";")), fields=["id"], name="dossier_of_several_phones"
            ),
        ),
    ]
