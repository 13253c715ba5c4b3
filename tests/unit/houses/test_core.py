"""The core knows no administration: no Vietnamese letter and no folder name of one in what it does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

CORE = Path(__file__).resolve().parents[3] / "scripts" / "baocao"
LETTER = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ]", re.IGNORECASE)
WORDS = re.compile(r"\b(?:nd30|don-vi|van-phong|van-ban|loi-van|so-tiep-nhan|chi-tieu)\b")
#: Files with such texts still, and why; what is not in here may have none, and what has none may not be in here.
ALLOWED = {
    "documents/markup.py": "a letter that Unicode does not take apart, in ids",
    "project/cells.py": "an example in a message",
    "project/language.py": "the house of projects that name none",
    "project/text.py": "a letter that Unicode does not take apart",
    "tracing/impacts.py": "an example in a message",
}  # fmt: skip


def list_texts(path: Path) -> list[str]:
    """Every literal text of a module that is no docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


MODULES = {path.relative_to(CORE).as_posix(): path for path in sorted(CORE.rglob("*.py"))}


def find_foreign(name: str) -> list[str]:
    return [text for text in list_texts(MODULES[name]) if LETTER.search(text) or WORDS.search(text)]


@pytest.mark.parametrize("name", MODULES)
def test_the_core_has_no_word_of_an_administration(name):
    found = find_foreign(name)
    if name in ALLOWED:
        assert found, f"{name} has none any more: take it from ALLOWED"
    else:
        assert found == []
