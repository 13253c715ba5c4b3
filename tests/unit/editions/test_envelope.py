"""The envelope a signed report is sent in: well-formed, whole, and the same for the same document."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from baocao.editions.envelope import NAMESPACE, Letter, Organization, parse_organization, write_envelope
from baocao.project.errors import UsageError

LETTER = Letter(
    sender=Organization("000.00.00.H24", "UBND thành phố"),
    receivers=(Organization("000.00.00.G15", "Bộ Tư pháp"), Organization("000.00.00.G12", "Bộ Nội vụ")),
    number="37",
    notation="BC-UBND",
    issued_on=date(2026, 3, 20),
    place="Hải Phòng",
    kind="Báo cáo",
    type_code="",
    subject="Tình hình <quý I> & kết quả",
    position="PHÓ CHỦ TỊCH",
    signer="Nguyễn Văn A",
)
AT = datetime(2026, 3, 20, 8, 30, tzinfo=UTC)


def find(root, path):
    return [one.text for one in root.iterfind("/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/")))]


def test_an_envelope_says_who_sends_what_to_whom_and_holds_the_file():
    content = write_envelope(LETTER, {"kstthc.pdf": b"%PDF-1.7"}, AT)
    root = etree.fromstring(content)
    assert root.tag == f"{{{NAMESPACE}}}edXML"
    message = "edXMLEnvelope/edXMLHeader/MessageHeader"
    assert find(root, f"{message}/From/OrganId") == ["000.00.00.H24"]
    assert find(root, f"{message}/To/OrganName") == ["Bộ Tư pháp", "Bộ Nội vụ"]
    assert find(root, f"{message}/Subject") == [LETTER.subject]
    assert find(root, f"{message}/DocumentId") == ["000.00.00.H24,2026/03/20,37/BC-UBND"]
    assert find(root, f"{message}/PromulgationInfo/PromulgationDate") == ["2026/03/20"]
    for plain in ("DocumentType/TypeDetail", "OtherInfo/Priority", "SteeringType"):
        assert find(root, f"{message}/{plain}") == ["0"]
    business = "edXMLEnvelope/edXMLHeader/TraceHeaderList/Bussiness"
    assert find(root, f"{business}/BussinessDocType") == find(root, f"{business}/Paper") == ["0"]
    [reference] = find(root, "edXMLEnvelope/edXMLBody/edXMLManifest/Reference/ContentId")
    [held] = find(root, "AttachmentEncoded/Attachment/ContentId")
    assert reference == f"cid:{held}"
    [encoded] = find(root, "AttachmentEncoded/Attachment/ContentTransferEncoded")
    assert base64.b64decode(encoded) == b"%PDF-1.7"
    assert b"<edXML:MessageHeader>" in content
    assert content == write_envelope(LETTER, {"kstthc.pdf": b"%PDF-1.7"}, AT)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200))
def test_what_is_sent_is_what_was_signed(content):
    root = etree.fromstring(write_envelope(LETTER, {"a.pdf": content}, None))
    [encoded] = find(root, "AttachmentEncoded/Attachment/ContentTransferEncoded")
    assert base64.b64decode(encoded or "") == content


@pytest.mark.parametrize("text", ["", "H24", "=Bộ", "H24=", "a,b=c"])
def test_an_organization_has_code_and_name(text):
    with pytest.raises(UsageError, match="CODE=NAME"):
        parse_organization(text)
