"""
The edXML envelope in which a signed report goes through the document exchange (QCVN 102:2016/BTTTT).

Element names, the namespace, the form of a document's id and the place of the
attachments behind the envelope are those that published programs of exchanges
write and read alike. The regulation's own text and a schema could not be had:
the codes of document types, the obligatory elements, and whether an exchange
wants attachments zipped before they are encoded are not verified.
"""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from lxml import etree

from baocao.editions.record import read_edition
from baocao.editions.signed.copies import FOLDER, SignedCopy, check_copies, read_copy
from baocao.project.errors import InputError, UsageError
from baocao.project.files import write_atomically
from baocao.project.folder import Project
from baocao.project.frozen import issued_folder
from baocao.project.hashes import hash_file
from baocao.project.language import _
from baocao.project.periods import Period, format_words

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
_XLINK = "http://www.w3.org/1999/xlink"
_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
_PLAIN = "0"  # a new document, of no special kind, not urgent, not on paper
_DAY, _MOMENT = "%Y/%m/%d", "%Y/%m/%d %H:%M:%S"


@dataclass(frozen=True)
class Organization:
    """
    Who sends or receives: the code by which an exchange knows them, and their name.

    Examples
    --------
    >>> parse_organization("000.00.00.G15=Bộ Tư pháp")
    Organization(code='000.00.00.G15', name='Bộ Tư pháp')
    """

    code: str
    name: str


def parse_organization(text: str) -> Organization:
    """
    Read ``CODE=NAME``.

    Raises
    ------
    UsageError
        One of the two is missing.
    """
    code, _sign, name = (part.strip() for part in text.partition("="))
    if not code or not name or "," in code:
        raise UsageError(_("expected CODE=NAME of an organization, got {text!r}.", text=text))
    return Organization(code, name)


@dataclass(frozen=True)
class Letter:
    """
    What the header of an envelope says of the document in it.

    Parameters
    ----------
    number, notation
        ``37`` and ``BC-UBND`` of No. 37/BC-UBND.
    kind
        What the house calls such a document.
    type_code
        Of the exchange's list of document types; empty where none was given, and then left out.
    """

    sender: Organization
    receivers: tuple[Organization, ...]
    number: str
    notation: str
    issued_on: date
    place: str
    kind: str
    type_code: str
    subject: str
    position: str
    signer: str


def write_envelope(letter: Letter, files: dict[str, bytes], at: datetime | None) -> bytes:
    """
    Write an envelope; the same letter and files give the same bytes.

    Parameters
    ----------
    files
        PDF files by name.
    at
        When the document was signed; None leaves the moment out of its trace.
    """
    root = etree.Element(etree.QName(NAMESPACE, "edXML"), nsmap={None: NAMESPACE})
    envelope = etree.SubElement(root, etree.QName(NAMESPACE, "edXMLEnvelope"), nsmap={"edXML": NAMESPACE})
    header = _add(envelope, "edXMLHeader")
    _write_message(_add(header, "MessageHeader"), letter)
    trace = _add(header, "TraceHeaderList", version="1.0", mustUnderstand="1", actor=_ACTOR)
    step = _add(trace, "TraceHeader")
    _add(step, "OrganId", letter.sender.code)
    if at is not None:
        _add(step, "Timestamp", f"{at:{_MOMENT}}")
    business = _add(trace, "Bussiness")  # spelt so by every program
    _add(business, "BussinessDocType", _PLAIN)
    _add(business, "Paper", _PLAIN)
    _add(header, "DigitalSignature")
    manifest = _add(_add(envelope, "edXMLBody"), "edXMLManifest", version="1.0")
    encoded = etree.SubElement(root, etree.QName(NAMESPACE, "AttachmentEncoded"))
    for name, content in files.items():
        key = str(
            uuid.uuid5(uuid.NAMESPACE_URL, f"{letter.sender.code}/{letter.number}/{letter.notation}/{name}")
        )
        reference = etree.SubElement(
            manifest, etree.QName(NAMESPACE, "Reference"), nsmap={"edXML": NAMESPACE, "xlink": _XLINK}
        )
        reference.set(etree.QName(_XLINK, "href"), f"cid:{key}")
        reference.set(etree.QName(_XLINK, "role"), "XLinkRole")
        reference.set(etree.QName(_XLINK, "type"), "simple")
        for holder, content_id in (
            (reference, f"cid:{key}"),
            (etree.SubElement(encoded, etree.QName(NAMESPACE, "Attachment")), key),
        ):
            _add(holder, "ContentType", "application/pdf")
            _add(holder, "ContentId", content_id)
            _add(holder, "Description", letter.subject)
            if holder is not reference:
                _add(holder, "ContentTransferEncoded", base64.b64encode(content).decode())
            _add(holder, "AttachmentName", name)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _write_message(message: Any, letter: Letter) -> None:
    for name, organization in (("From", letter.sender), *(("To", receiver) for receiver in letter.receivers)):
        part = _add(message, name)
        _add(part, "OrganId", organization.code)
        _add(part, "OrganizationInCharge", organization.name)
        _add(part, "OrganName", organization.name)
    code = _add(message, "Code")
    _add(code, "CodeNumber", letter.number)
    _add(code, "CodeNotation", letter.notation)
    promulgation = _add(message, "PromulgationInfo")
    _add(promulgation, "Place", letter.place)
    _add(promulgation, "PromulgationDate", f"{letter.issued_on:{_DAY}}")
    kind = _add(message, "DocumentType")
    if letter.type_code:
        _add(kind, "Type", letter.type_code)
    _add(kind, "TypeName", letter.kind)
    _add(kind, "TypeDetail", _PLAIN)
    _add(message, "Subject", letter.subject)
    _add(message, "Content", letter.subject)
    signer = _add(message, "SignerInfo")
    _add(signer, "Position", letter.position)
    _add(signer, "FullName", letter.signer)
    places = _add(message, "ToPlaces")
    for one in letter.receivers:
        _add(places, "Place", one.name)
    _add(_add(message, "OtherInfo"), "Priority", _PLAIN)
    _add(message, "SteeringType", _PLAIN)
    document = f"{letter.sender.code},{letter.issued_on:{_DAY}},{letter.number}/{letter.notation}"
    _add(message, "DocumentId", document)


def _add(holder: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    part = etree.SubElement(holder, etree.QName(NAMESPACE, name), attributes)
    part.text = text
    return part


def package(
    project: Project,
    period: Period,
    *,
    report: str,
    sender: str,
    receivers: tuple[Organization, ...],
    number: str | None = None,
    issued_on: date | None = None,
    type_code: str = "",
    output: Path | None = None,
) -> Path:
    """
    Write the envelope of a report's signed copy.

    Parameters
    ----------
    sender
        The code by which the exchange knows this place.
    number, issued_on
        Of the document; None takes those in ``params/<period>.yaml``.
    output
        None writes ``reports/<period>/<report>.edxml``.

    Raises
    ------
    UsageError
        No signed copy was taken back, nobody is to receive it, or number or date are not known.
    InputError
        The signed copy is not what was taken back, or no longer passes.
    """
    edition = read_edition(project, period)
    folder = issued_folder(project, period) / str(edition.number)
    path = folder / FOLDER / f"{report}.pdf"
    if not path.is_file():
        raise UsageError(
            _(
                "no signed copy of {report} for {period} was taken back; run 'baocao signed {period} FILE.pdf' first.",
                report=report,
                period=period,
            )
        )
    if wrong := [one for one in check_copies(edition, folder) if one.cells == (f"{FOLDER}/{path.name}",)]:
        raise InputError("\n".join(map(str, wrong)))
    if not receivers:
        raise UsageError(_("say who receives the document: --to CODE=NAME."))
    copy = read_copy(path.with_suffix(".json"))
    assert hash_file(path) == copy.sha256
    letter = _describe(project, period, copy, sender, receivers, number, issued_on, type_code)
    at = copy.signatures[-1].at
    target = output or project.output(period) / f"{report}.edxml"
    write_atomically(target, write_envelope(letter, {path.name: path.read_bytes()}, at))
    return target


def _describe(
    project: Project,
    period: Period,
    copy: SignedCopy,
    sender: str,
    receivers: tuple[Organization, ...],
    number: str | None,
    issued_on: date | None,
    type_code: str,
) -> Letter:
    report, params, place = copy.report, project.params.period(period), project.params.place
    spec = project.params.report(report, period)
    number, day = number or params.number.get(report), issued_on or params.issued_on.get(report)
    if not number or day is None:
        raise UsageError(
            _(
                "the document's number and date are not known: give --number and --date, or number and issued_on in params/{period}.yaml.",
                period=period,
            )
        )
    return Letter(
        sender=Organization(sender, " ".join(place.issuer) or place.name),
        receivers=receivers,
        number=number,
        notation=spec.symbol,
        issued_on=day,
        place=place.short,
        kind=project.house.document.kind,
        type_code=type_code,
        subject=format_words(spec.title, period, project.house.periods, place=place.name, drafter=""),
        position=spec.signature[-1] if spec.signature else "",
        signer=params.signer or copy.signatures[-1].signer,
    )
