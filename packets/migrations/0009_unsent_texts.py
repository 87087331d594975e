"""Packets that were frozen and not sent yet lose the characters that no XML can hold, as later ones do.

What was accepted stays as it was accepted. A packet that was tried becomes a message of its own: a new key, which also
stands in the marks of its files. Read in batches; the database finds the few there are.
"""

import re
import uuid

from django.db import migrations

NONCHARACTERS = "\ufdd0-\ufdef" + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
# As they stand in JSON: most as they are, control characters as an escape.
RAW = re.compile(f"[\x7f-\x84\x86-\x9f{NONCHARACTERS}]")
ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u00(?:0[0-8EeFf]|1[0-9A-Fa-f])")
LINE_ENDS = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u000[Bb]|\\u000[Cc]|\\f)|\x85")
FOUND = f"[\x7f-\x9f{NONCHARACTERS}]|\\\\u00[01]|\\\\f"
BATCH = 500


def mend(apps, schema_editor):
    packets = apps.get_model("packets", "Packet").objects
    unsent = packets.filter(settled_at=None, state__in=("ready", "stopped"), body__regex=FOUND).order_by("pk")
    for packet in list(unsent.only("pk", "body", "key", "tries").iterator(BATCH)):
        body = RAW.sub("", packet.body)
        body = LINE_ENDS.sub(lambda found: (found[1] or "") + "\\n", body)
        body = ESCAPED.sub(lambda found: found[1], body)
        if body == packet.body:
            continue
        if packet.tries:
            key = uuid.uuid4()
            body = body.replace(f"file:{packet.key}:", f"file:{key}:")
            packet.key = key
        packet.body = body
        packet.save(update_fields=["body", "key"])


class Migration(migrations.Migration):
    dependencies = [("packets", "0008_portal_variation")]

    operations = [migrations.RunPython(mend, migrations.RunPython.noop)]
