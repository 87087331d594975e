"""Ten thousand dossiers in one call take little more memory than a few hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import Installation

CALL = """
import json
from onestop.partners.models import PartnerActor, Partner
from onestop.partners.scopes import ApiScope
from rest_framework.test import APIClient
from tests import people
partner, _made = Partner.objects.get_or_create(name="LGSP", defaults={{"scopes": [ApiScope.DOSSIERS_CREATE]}})
partner.agencies.set([people.province()])
procedure, ward = people.a_procedure().code, people.ward().code
body = b"".join(
    json.dumps(dict(external_id=f"{query}-{{number}}", procedure=procedure, agency=ward, channel="online",
                    applicant_name=f"Đặng Văn {{number}}", summary="Đề nghị giải quyết hồ sơ của tôi " * 6,
                    papers=[dict(name="Tờ khai theo mẫu")])).encode() + b"\\n"
    for number in range({count})
)
client = APIClient(headers={{"Host": "localhost", "Idempotency-Key": "one"}})
client.force_authenticate(PartnerActor(partner, [ApiScope.DOSSIERS_CREATE]))
answer = client.generic("POST", "/api/v1/dossiers/bulk{query}", body, content_type="application/x-ndjson")
for line in answer.streaming_content:
    pass
print(line.decode(), end="")
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""


@pytest.mark.long
# What the system tells of a child's memory begins with that of the parent; the child's own word does not.
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system tells no process its peak of memory")
@pytest.mark.parametrize("query", ["", "?mode=atomic", "?dry_run=true"])
def test_ten_thousand_dossiers_take_less_than_32_megabytes_more_than_five_hundred(query: str, tmp_path: Path) -> None:
    used = []
    for count in (500, 10_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        office = Installation(folder)
        output, _memory = office.run("shell", "-v0", "-c", CALL.format(count=count, query=query))
        summary, kilobytes = output.splitlines()[-2:]
        assert f'"created":{count}' in summary
        used.append(int(kilobytes) // 1024)
    print(f"{query}: {used} MB")
    few, many = used
    assert many - few < 32, f"grew by {many - few} MB"
