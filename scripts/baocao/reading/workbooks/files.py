"""Taking the bytes of a submission from the disk, once, whatever kind of thing lies there."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError
from baocao.project.language import _
from baocao.reading.workbooks.guard import MAX_FILE, size_text

if TYPE_CHECKING:
    from pathlib import Path


def read_file(path: Path) -> bytes:
    """
    Read a whole regular file.

    Raises
    ------
    WorkbookError
        ``unreadable-file`` where it cannot be opened, has vanished or is no
        regular file; ``too-large`` before anything is read.
    """
    try:
        # Without O_NONBLOCK a named pipe in the folder would wait for ever.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise _unreadable(_("no ordinary file"))
            if status.st_size > MAX_FILE:
                raise WorkbookError(
                    "too-large",
                    expected=_("at most {size}", size=size_text(MAX_FILE)),
                    got=size_text(status.st_size),
                    action=_("Delete pictures and sheets that are no part of the form, and send it again."),
                )
            return stream.read(MAX_FILE + 1)
    except FileNotFoundError:
        raise _unreadable(_("the file is no longer there")) from None
    except PermissionError:
        raise _unreadable(_("no permission to read it")) from None
    except OSError as error:
        raise _unreadable(error.strerror or type(error).__name__) from None


def _unreadable(got: str) -> WorkbookError:
    return WorkbookError(
        "unreadable-file",
        expected=_("a file that can be read"),
        got=got,
        action=_("Copy the file into the folder of reports again, and allow reading it."),
    )
