"""
Keys, and signatures made with them (CMS): beside a file (``.p7s``), or in a record of approvals.

An edition's record vouches for an edition, and git for the record; whoever rewrites both
is seen only where somebody's key has signed. The signature is checked without
a network, as ``openssl cms -verify -binary -inform DER`` does.
"""

from __future__ import annotations

import asyncio
import logging
import os
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from baocao.project.errors import InputError, ToolError
from baocao.project.files import write_atomically
from baocao.project.language import _

SUFFIX = ".p7s"
KEY_VARIABLE = "BAOCAO_KEY"
PASSWORD_VARIABLE = "BAOCAO_KEY_PASSWORD"  # noqa: S105 the name of a variable
_HASH = "sha256"
#: What reading a damaged or hostile PDF, certificate or signature raises.
UNREADABLE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OSError,
    RecursionError,
    NotImplementedError,
    zlib.error,
)


@dataclass(frozen=True)
class Key:
    """A key to sign with, and the address of a time-stamp authority; None asks nobody for the time."""

    signer: Any
    authority: str | None = None


@dataclass(frozen=True)
class DetachedSignature:
    """
    A signature over some bytes.

    Parameters
    ----------
    good
        Whether the bytes are what was signed, by the certificate's key.
    at
        By the time stamp where there is one, else by the signer's clock; None where neither says.
    """

    signer: str
    at: datetime | None
    good: bool

    def __str__(self) -> str:
        return f"{self.signer}, {self.at:%Y-%m-%d %H:%M}" if self.at else self.signer


def read_key(path: Path | None, authority: str | None = None) -> Key | None:
    """
    Read a key file (PKCS #12); None is the one that ``BAOCAO_KEY`` names, if it names one.

    Its password is taken from ``BAOCAO_KEY_PASSWORD``, so that it stands in no command's history.

    Raises
    ------
    InputError
        It is missing, holds no key, or the password is another.
    """
    named = path or (Path(os.environ[KEY_VARIABLE]) if os.environ.get(KEY_VARIABLE) else None)
    if named is None:
        return None
    from pyhanko.sign.signers import SimpleSigner

    password = os.environ.get(PASSWORD_VARIABLE)
    try:
        content = named.read_bytes()
        signer = SimpleSigner.load_pkcs12_data(content, [], password.encode() if password else None)
    except UNREADABLE:
        signer = None
    if signer is None:
        raise InputError(
            _(
                "{path} holds no key that can be opened; expected PKCS #12 (.p12, .pfx), its password in {variable}.",
                path=named,
                variable=PASSWORD_VARIABLE,
            )
        )
    return Key(signer, authority)


def sign_bytes(content: bytes, key: Key) -> bytes:
    """
    Sign bytes.

    Returns
    -------
    bytes
        The signature alone, CMS in DER.

    Raises
    ------
    ToolError
        The time-stamp authority did not answer.
    """
    from pyhanko.sign.timestamps import HTTPTimeStamper

    stamper = None if key.authority is None else HTTPTimeStamper(key.authority)
    try:
        signed = asyncio.run(
            key.signer.async_sign_general_data(content, _HASH, detached=True, timestamper=stamper)
        )
    except Exception as error:
        if stamper is None:
            raise
        raise ToolError(
            _(
                "the time-stamp authority {address} did not answer: {error}",
                address=key.authority,
                error=error,
            )
        ) from None
    return bytes(signed.dump())


def sign_file(path: Path, key: Key) -> Path:
    """
    Sign a file.

    Returns
    -------
    Path
        The signature beside it, ``<name>.p7s``.

    Raises
    ------
    ToolError
        The time-stamp authority did not answer.
    """
    target = path.with_name(path.name + SUFFIX)
    write_atomically(target, sign_bytes(path.read_bytes(), key))
    return target


def read_signature(path: Path) -> DetachedSignature | None:
    """
    Check the signature beside a file.

    Returns
    -------
    DetachedSignature or None
        None where there is none; one that cannot be read is not good and of nobody.
    """
    beside = path.with_name(path.name + SUFFIX)
    return check_bytes(path.read_bytes(), beside.read_bytes()) if beside.is_file() else None


def check_bytes(content: bytes, signature: bytes) -> DetachedSignature:
    """
    Check a signature over bytes; one that cannot be read is not good and of nobody.

    Examples
    --------
    >>> check_bytes(b"", b"none")
    DetachedSignature(signer='', at=None, good=False)
    """
    from asn1crypto import cms
    from pyhanko.sign.validation import async_validate_detached_cms
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    for library in ("pyhanko", "pyhanko_certvalidator"):  # what they have to say is in the answer
        logging.getLogger(library).setLevel(logging.CRITICAL)
    try:
        data = cms.ContentInfo.load(signature, strict=True)["content"]
        context = ValidationContext(trust_roots=[], allow_fetching=False)
        status = asyncio.run(async_validate_detached_cms(content, data, context, context))
        subject = status.signing_cert.subject
        stamp = status.timestamp_validity
        stamped = stamp is not None and stamp.intact and stamp.valid
        return DetachedSignature(
            str(subject.native.get("common_name") or subject.human_friendly),
            stamp.timestamp if stamped else status.signer_reported_dt,
            bool(status.intact and status.valid),
        )
    except (SignatureValidationError, *UNREADABLE):
        return DetachedSignature("", None, good=False)
