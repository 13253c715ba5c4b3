"""Explain an archive to a stranger: what is in it, how to check it, how to make it again."""

from __future__ import annotations

from baocao.editions.archiving.bundles import CRATE, ISSUED, PROJECT
from baocao.editions.record import Edition
from baocao.project.frozen import RECORD


def write_guide(edition: Edition, name: str, label: str) -> str:
    """Write for a stranger what is in the archive, how to check it and how to make it again."""
    reports = ", ".join(f"`{ISSUED}/{report}.docx`, `.pdf`, `.html`" for report in edition.reports)
    engine = ", ".join(f"{tool} {version}" for tool, version in sorted(edition.environment.versions.items()))
    again = "\n".join(f"- {change}" for change in edition.changed[:50])
    correction = (
        f"\n## Bản này thay thế bản trước\n\nLý do: {edition.correction}\n\n{again}\n"
        if edition.correction
        else ""
    )
    signed = "\n".join(
        f"- {section}: {'; '.join(names) or 'chưa có'}" for section, names in edition.signed.items()
    )
    return f"""# Báo cáo {label}, bản phát hành {edition.number}

Hồ sơ này chứa báo cáo đã phát hành, số liệu gốc của các đơn vị và toàn bộ mã nguồn đã dùng để lập báo cáo.
(English below.)

| Thư mục | Nội dung |
|---|---|
| `{ISSUED}/` | {reports}; sổ tay đã chạy `notebooks/`; `trace.json`: từng số và các ô số liệu của nó; `{RECORD}`: mã băm của mọi giá trị và mọi tệp |
| `{PROJECT}/data/raw/` | tệp gốc nhận từ các đơn vị |
| `{PROJECT}/` | tham số, sổ tay, mã nguồn (commit {edition.commit}), danh sách thư viện `requirements.lock` |
| `{CRATE}` | mô tả theo RO-Crate, hồ sơ Workflow Run |
{correction}
## Xác nhận của người soát xét, theo từng mục

{signed}

## Kiểm tra, không cần phần mềm nào của chúng tôi

Trong thư mục chứa `manifest-sha256.txt` (thư mục trên của tệp này):

    sha256sum -c --quiet tagmanifest-sha256.txt && sha256sum -c --quiet manifest-sha256.txt && echo đúng

Trên Windows: `certutil -hashfile TỆP SHA256` rồi so với dòng của tệp trong `manifest-sha256.txt`.

## Lập lại báo cáo và so sánh từng giá trị

Cần Linux, Python {edition.environment.python} (cùng phiên bản phụ là đủ để cài), make, git không bắt buộc, kết nối tới kho thư viện Python.

    python3 -m zipfile -e {name}.zip .
    cd {name}/data/{PROJECT}
    make install PYTHON=python{".".join(edition.environment.python.split(".")[:2])}
    .venv/bin/baocao audit --run-code ../../../{name}.zip

Lệnh cuối mở lại tệp zip, kiểm tra mọi mã băm, chạy lại từ số liệu gốc trong một thư mục sạch rồi kết luận cho từng
giá trị và từng tệp. Mã thoát 0: mọi giá trị như đã phát hành. `--run-code` cho phép chạy mã trong hồ sơ: chỉ dùng khi
tin người gửi; không có nó, lệnh chỉ kiểm tra mã băm. Thay cho tệp zip có thể đưa thư mục đã giải nén (`../..`); khi đó
chỉ những tệp có tên trong `manifest-sha256.txt` được dùng. Hồ sơ chỉ tự chứng cho chính nó: muốn biết đúng là bản do
cơ quan phát hành, so mã băm SHA-256 của tệp zip với mã băm cơ quan đó công bố hoặc cung cấp.

Đã lập với Python {edition.environment.python}, {edition.environment.system}, {edition.environment.engine} ({engine}).

## In English

The folder above this file is a BagIt bag; `sha256sum -c manifest-sha256.txt` there checks every file. To make the
reports again from the raw files and compare every value: unpack, `cd {name}/data/{PROJECT}`, `make install`,
`.venv/bin/baocao audit --run-code` with the zip file. Exit code 0 means that every value is the same. `--run-code`
runs code from the archive: leave it out unless you trust the sender; hashes are then checked and nothing runs. The
unpacked folder may be given in place of the zip file. An archive vouches for itself only: compare the SHA-256 of the zip
file with the one that its issuer gives.
"""
