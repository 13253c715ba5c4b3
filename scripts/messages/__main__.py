"""``python -m messages``: bring every catalogue up to date."""

from __future__ import annotations

import sys

from baocao.project.language import LANGUAGES
from messages import compile_catalog, merge, po_file

left = 0
for language in LANGUAGES:
    if po_file(language).is_file():
        catalog = merge(language)
        po_file(language).with_suffix(".mo").write_bytes(compile_catalog(catalog))
        for message in catalog:
            texts = [message.string] if isinstance(message.string, str) else message.string
            if message.id and not (texts and all(texts)):
                left += 1
                print(f"{language}: {message.id!r}", file=sys.stderr)
print(f"{left} left to translate", file=sys.stderr)
