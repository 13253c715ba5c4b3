"""Keys and signatures made for a test."""

from __future__ import annotations

import io

import pytest


@pytest.fixture(scope="session")
def make_signer(make_p12):
    """Return a maker of keys with a certificate of their own."""
    from pyhanko.sign import signers

    def make(*args, **options):
        return signers.SimpleSigner.load_pkcs12_data(
            make_p12(*args, **options), other_certs=[], passphrase=None
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
