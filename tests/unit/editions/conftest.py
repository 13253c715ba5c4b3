"""Keys and signatures made for a test."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

START = datetime(2020, 1, 1, tzinfo=UTC)


def _make_p12(name="Nguyễn Văn A", start=START, days=36500, password=None) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "UBND")]
    )
    usage = x509.KeyUsage(True, True, False, False, False, True, True, False, False)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = NoEncryption() if password is None else BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(b"key", key, certificate, None, locked)


@pytest.fixture(scope="session")
def make_p12():
    """Return a maker of key files (PKCS #12)."""
    return _make_p12


@pytest.fixture(scope="session")
def make_signer():
    """Return a maker of keys with a certificate of their own."""
    from pyhanko.sign import signers

    def make(*args, **options):
        return signers.SimpleSigner.load_pkcs12_data(
            _make_p12(*args, **options), other_certs=[], passphrase=None
        )

    return make


@pytest.fixture(scope="session")
def signer(make_signer):
    """Return a key with a certificate of its own."""
    return make_signer()


@pytest.fixture(scope="session")
def sign_pdf():
    """Return what signs a PDF as a token's program does: PAdES, a revision of its own."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    def sign(content, signer, *, box=None, page=-1, field="Signature", filled=False):
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        metadata = signers.PdfSignatureMetadata(field_name=field, subfilter=fields.SigSeedSubFilter.PADES)
        place = fields.SigFieldSpec(field, box=box, on_page=page)
        maker = signers.PdfSigner(metadata, signer=signer, new_field_spec=None if filled else place)
        return maker.sign_pdf(writer, existing_fields_only=filled).getvalue()

    return sign
