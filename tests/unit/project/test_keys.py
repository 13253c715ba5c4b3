"""Signatures beside a record: who signed, and that neither file can be exchanged."""

from __future__ import annotations

import pytest

from baocao.project.errors import InputError
from baocao.project.keys import read_key, read_signature, sign_file


@pytest.fixture
def key_file(tmp_path, make_p12):
    path = tmp_path / "key.p12"
    path.write_bytes(make_p12(password="mật khẩu".encode()))
    return path


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "edition.json"
    path.write_bytes(b'{"period": "2026-Q1"}\n')
    return path


def test_a_signature_names_its_signer_and_holds(record, key_file, monkeypatch):
    monkeypatch.setenv("BAOCAO_KEY_PASSWORD", "mật khẩu")
    monkeypatch.setenv("BAOCAO_KEY", str(key_file))
    assert read_signature(record) is None
    assert sign_file(record, read_key(None)).name == "edition.json.p7s"
    signature = read_signature(record)
    assert (signature.signer, signature.good) == ("Nguyễn Văn A", True)


def test_a_file_or_signature_that_was_exchanged_is_told(record, key_file, tmp_path, monkeypatch):
    monkeypatch.setenv("BAOCAO_KEY_PASSWORD", "mật khẩu")
    beside = sign_file(record, read_key(key_file))
    whole = record.read_bytes()
    record.write_bytes(whole.replace(b"Q1", b"Q2"))
    assert not read_signature(record).good
    record.write_bytes(whole)
    assert read_signature(record).good
    content = beside.read_bytes()
    for damaged in (content[:-1], content[:-5] + bytes([content[-5] ^ 1]) + content[-4:], b"", b"x" * 100):
        beside.write_bytes(damaged)
        assert not read_signature(record).good


def test_a_key_is_opened_with_its_password_alone(key_file, tmp_path, monkeypatch):
    monkeypatch.delenv("BAOCAO_KEY", raising=False)
    assert read_key(None) is None
    for password in ("", "khác"):
        monkeypatch.setenv("BAOCAO_KEY_PASSWORD", password)
        with pytest.raises(InputError, match="BAOCAO_KEY_PASSWORD"):
            read_key(key_file)
    with pytest.raises(InputError):
        read_key(tmp_path / "missing.p12")


def test_a_certificate_that_nobody_vouches_for_is_no_trace_of_a_fault(record, key_file, monkeypatch, caplog):
    monkeypatch.setenv("BAOCAO_KEY_PASSWORD", "mật khẩu")
    sign_file(record, read_key(key_file))
    assert read_signature(record).good
    assert caplog.records == []
