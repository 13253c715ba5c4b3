"""Take pictures: of a command and its answer, of a workbook or a letter, of a page in a browser."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
from PIL import Image, ImageChops
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

WIDTH, COLUMNS, COLOURS = 1100, 108, 48
FONTS = Path(__file__).resolve().parents[2] / "reports/_extensions/nd30/fonts"
FACES = f"""<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{FONTS}</dir>
<alias binding="same"><family>Times New Roman</family><prefer><family>Baocao Serif</family></prefer></alias>
</fontconfig>
"""
MARGIN = 12  # pixels of white left round what is cropped


def picture_console(shown: Sequence[tuple[str, str]], target: Path) -> None:
    """Draw commands and what they answered as a terminal shows them; no font is fetched from a network."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    for command, answer in shown:
        console.print(Text(f"$ {command}", style="bold"))
        console.print(Text(answer.rstrip("\n")))
    drawn = console.export_svg(title="", theme=DEFAULT_TERMINAL_THEME, unique_id=target.stem)
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    target.write_text(re.sub(r"<!--.*?-->\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")


def picture_document(path: Path, target: Path, *, page: int = 0, height: float = 1.0) -> None:
    """Show a page of a workbook, a letter or a PDF, down to a part of its height."""
    pdf = path if path.suffix == ".pdf" else _print(path, target.parent)
    document = pypdfium2.PdfDocument(pdf)
    image = document[page].render(scale=2).to_pil().convert("RGB")
    document.close()
    if pdf != path:
        pdf.unlink()
    save(image.crop((0, 0, image.width, round(image.height * height))), target)


def save(image: Image.Image, target: Path) -> None:
    """Crop what is white round a picture, and write it small."""
    blank = Image.new("RGB", image.size, image.getpixel((0, 0)))
    box = ImageChops.difference(image, blank).getbbox() or (0, 0, *image.size)
    left, top, right, bottom = box
    image = image.crop(
        (
            max(left - MARGIN, 0),
            max(top - MARGIN, 0),
            min(right + MARGIN, image.width),
            min(bottom + MARGIN, image.height),
        )
    )
    if image.width > WIDTH:
        image = image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def _print(path: Path, folder: Path) -> Path:
    """Print a file to a PDF, as LibreOffice does; our own face stands in for the one that offices have."""
    profile = folder / ".profile"
    profile.mkdir()
    fonts = profile / "fonts.conf"
    fonts.write_text(FACES, encoding="utf-8")
    try:
        subprocess.run(
            [
                "soffice", "--headless", f"-env:UserInstallation={profile.resolve().as_uri()}",
                "--convert-to", "pdf", "--outdir", folder, path,
            ],
            check=True, capture_output=True, env={**os.environ, "FONTCONFIG_FILE": str(fonts.resolve())},
        )  # fmt: skip
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    return folder / f"{path.stem}.pdf"
