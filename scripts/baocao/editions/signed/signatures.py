"""
The signatures in a PDF (PAdES), checked without a network.

What can be known offline is told: whether the bytes are those that were
signed, who signed, whether the certificate held on the day that the signature
names, what revocation the file itself carries. Whether its issuer is to be
trusted is another question; an issuer nobody vouches for is told, no fault.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from baocao.project.errors import InputError
from baocao.project.findings import Finding
from baocao.project.keys import UNREADABLE
from baocao.project.language import _


class PdfSignature(BaseModel):
    """
    One signature of a PDF, as far as it can be known without a network.

    Parameters
    ----------
    signer, organization, issuer
        From the certificate; empty where it names none.
    at
        When it was signed: by the time stamp where there is one, else as the
        signer's machine said; None where nothing says so.
    stamped
        Whether a time stamp says ``at``.
    trusted
        Whether the certificate leads to a root that was given.
    visible
        Whether the page shows it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str
    signer: str
    organization: str
    issuer: str
    at: datetime | None
    stamped: bool
    trusted: bool
    visible: bool

    def __str__(self) -> str:
        name = f"{self.signer} ({self.organization})" if self.organization else self.signer
        return f"{name}, {self.at:%Y-%m-%d %H:%M}" if self.at else name


@contextmanager
def open_reader(content: bytes, name: str) -> Iterator[Any]:
    """
    Open a PDF for its structure and signatures.

    Yields
    ------
    pyhanko.pdf_utils.reader.PdfFileReader

    Raises
    ------
    InputError
        It is no PDF, is cut off or encrypted, or is damaged where it is read.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(content), strict=False)
        if reader.encrypted:
            raise InputError(_("{name} is encrypted; ask for the signed copy without a password.", name=name))
        yield reader
    except (PdfError, *UNREADABLE) as error:
        raise InputError(
            _("{name} is no whole PDF ({error}); ask for the signed copy again.", name=name, error=error)
        ) from None


def read_certificates(paths: Sequence[Path]) -> list[Any]:
    """
    Read the certificates of roots to trust, PEM or DER.

    Raises
    ------
    InputError
        A file is missing or holds no certificate.
    """
    from pyhanko.keys import load_certs_from_pemder

    try:
        return list(load_certs_from_pemder([str(path) for path in paths]))
    except UNREADABLE as error:
        raise InputError(
            _("{paths}: no certificate can be read ({error}).", paths=", ".join(map(str, paths)), error=error)
        ) from None


def check_signatures(
    reader: Any, name: str, roots: Sequence[Any] = ()
) -> tuple[list[PdfSignature], list[Finding]]:
    """
    Check every signature of a PDF.

    Parameters
    ----------
    reader
        From :func:`open_reader`.
    name
        Of the file, for the findings.
    roots
        Certificates to trust, from :func:`read_certificates`.

    Returns
    -------
    signatures, findings
        In the order of signing. Errors: no signature, bytes that are not
        those signed, something added after the last signature. Warnings:
        what is not known or no longer holds of a certificate.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SignedDataCerts  # noqa: F401 the module must be whole before it is used
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # what it has to say is in the findings
    logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
    embedded = [one for one in reader.embedded_signatures if one.sig_object_type != "/DocTimeStamp"]
    if not embedded:
        action = _("Ask for the file as the token's program wrote it, not printed or scanned.")
        return [], [Finding("unsigned", "error", _("{name} bears no signature", name=name), action=action)]
    found: list[PdfSignature] = []
    findings: list[Finding] = []
    for number, one in enumerate(embedded, 1):
        where = f"{name}#{one.field_name}"
        try:
            context = ValidationContext(
                trust_roots=list(roots), allow_fetching=False, revocation_mode="soft-fail"
            )
            status = validate_pdf_signature(one, context, ts_validation_context=context)
        except (SignatureValidationError, PdfError, *UNREADABLE) as error:
            findings.append(
                Finding(
                    "signature-unreadable",
                    "error",
                    _("{where} cannot be checked: {error}", where=where, error=error),
                )
            )
            continue
        found.append(_describe(one, status))
        findings += _judge(status, where, last=number == len(embedded))
    return found, findings


def _describe(embedded: Any, status: Any) -> PdfSignature:
    subject, issuer = (side.native for side in (status.signing_cert.subject, status.signing_cert.issuer))
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.intact and stamp.valid
    box = [float(side) for side in embedded.sig_field.get("/Rect", ())]
    return PdfSignature(
        field=embedded.field_name,
        signer=_text(subject.get("common_name")) or status.signing_cert.subject.human_friendly,
        organization=_text(subject.get("organization_name")),
        issuer=_text(issuer.get("common_name")) or status.signing_cert.issuer.human_friendly,
        at=stamp.timestamp if stamped else status.signer_reported_dt,
        stamped=stamped,
        trusted=bool(status.trusted),
        visible=len(box) == 4 and abs(box[2] - box[0]) > 1 and abs(box[3] - box[1]) > 1,
    )


def _text(name: object) -> str:
    """Spell a part of a name; there may be several of one kind."""
    return "" if name is None else "; ".join(map(str, name)) if isinstance(name, list) else str(name)


def _judge(status: Any, where: str, *, last: bool) -> Iterator[Finding]:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if not status.intact:
        yield Finding(
            "signature-broken", "error", _("{where}: the bytes are not those that were signed", where=where)
        )
    elif not status.valid:
        yield Finding(
            "signature-invalid",
            "error",
            _("{where}: the signature was not made with this certificate's key", where=where),
        )
    if last and status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        # A later revision may hold what proves the signature for longer, and nothing else.
        level = status.modification_level
        if level is None or level > ModificationLevel.LTA_UPDATES:
            yield Finding(
                "changed-after-signing",
                "error",
                _("{where}: something was added to the file after the last signature", where=where),
                action=_("Ask for the file as it was signed."),
            )
    certificate = status.signing_cert
    at = status.signer_reported_dt
    starts, ends = certificate.not_valid_before, certificate.not_valid_after
    if at is not None and not starts <= at <= ends:
        yield Finding(
            "certificate-expired",
            "warning",
            _("{where}: the certificate did not hold on the day of signing", where=where),
            expected=f"{starts:%Y-%m-%d} - {ends:%Y-%m-%d}",
            got=f"{at:%Y-%m-%d}",
        )
    if status.revoked:
        yield Finding("certificate-revoked", "error", _("{where}: the certificate was revoked", where=where))
    if status.timestamp_validity is not None and not (
        status.timestamp_validity.intact and status.timestamp_validity.valid
    ):
        yield Finding(
            "stamp-broken", "error", _("{where}: the time stamp is not of this signature", where=where)
        )
    if not status.trusted:
        yield Finding(
            "issuer-unknown",
            "warning",
            _(
                "{where}: no root was given that vouches for {issuer}; whether the certificate was revoked is not known offline",
                where=where,
                issuer=certificate.issuer.human_friendly,
            ),
            action=_(
                "Give the root's certificate with --trust FILE, or compare the signer with the office's list."
            ),
        )
