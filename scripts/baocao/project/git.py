"""The git repository of a project: whether it is clean, where it stands, what a commit holds."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime
from pathlib import Path

from baocao.project.errors import ToolError, UsageError
from baocao.project.language import _
from baocao.project.processes import run

# What a hook or another program's call of git sets; with it git would answer for another repository.
_ELSEWHERE = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
)  # fmt: skip


class Repository:
    """
    A project folder that is a git repository of its own.

    Raises
    ------
    UsageError
        It is not.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            top = self._git("rev-parse", "--show-toplevel").strip()
        except ToolError as error:
            raise UsageError(
                _("{root} is no git repository: {reason}", root=root, reason=error.stderr.strip() or error)
            ) from None
        if Path(top).resolve() != root.resolve():
            raise UsageError(
                _(
                    "{root} lies in the git repository {top}; expected it to be one of its own.",
                    root=root,
                    top=top,
                )
            )

    def _git(self, *argv: str) -> str:
        # The caller's own settings (aliases, quoting, line ends, replaced commits) must not change an answer.
        settings = (
            "core.quotePath=false",
            "core.fsmonitor=false",
            "core.autocrlf=false",
            f"core.attributesFile={os.devnull}",
        )
        chosen = [word for setting in settings for word in ("-c", setting)]
        command = ["git", "--no-optional-locks", "--no-replace-objects", *chosen, *argv]
        return run(command, cwd=self.root, env=dict.fromkeys(_ELSEWHERE)).stdout

    @property
    def head(self) -> str:
        """The commit checked out."""
        return self._git("rev-parse", "HEAD").strip()

    def list_uncommitted(self) -> list[str]:
        """Name the files that differ from the last commit, and those git does not know."""
        said = self._git("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
        return sorted(entry[3:] for entry in said.split("\0") if entry)

    def list_files(self, commit: str) -> list[str]:
        """Name the files of a commit."""
        return [name for name in self._git("ls-tree", "-r", "-z", "--name-only", commit).split("\0") if name]

    def has(self, commit: str) -> bool:
        """Tell whether a commit is here; in a shallow copy it may not be."""
        try:
            self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except ToolError:
            return False
        return True

    def read_text(self, commit: str, path: str) -> str | None:
        """Give a text file of a commit; None where it has none."""
        try:
            return self._git("show", f"{commit}:{path}")
        except ToolError:
            return None

    def list_added(self, pattern: str) -> list[str]:
        """Name the files that any commit up to here added; ``*`` stands for a part of a name."""
        try:
            said = self._git(
                "log", "--format=", "--name-only", "--no-renames", "--diff-filter=A", "-z", "HEAD", "--", f":(glob){pattern}"
            )  # fmt: skip
        except ToolError:  # nothing was committed yet
            return []
        return sorted({name for name in said.split("\0") if name})

    def find_added(self, path: str) -> str | None:
        """Give the first commit up to here that added a file; None where there is none."""
        try:
            said = self._git(
                "log", "--format=%H", "--no-renames", "--diff-filter=A", "HEAD", "--", f":(literal){path}"
            )
        except ToolError:  # nothing was committed yet
            return None
        return said.split()[-1] if said.split() else None

    def date(self, commit: str) -> datetime:
        """Give when a commit was made."""
        return datetime.fromisoformat(self._git("show", "--no-patch", "--format=%cI", commit).strip())

    def export(self, commit: str, folder: Path) -> None:
        """
        Write the files of a commit into a folder.

        Nothing is noted in the repository, as a work tree would be, so that it
        may be read-only and a killed audit leaves nothing in it.
        """
        # Not as tar: Python before 3.11.4 cannot unpack that safely. A link becomes a file that holds its target.
        archive = folder.with_name(f"{folder.name}.zip")
        self._git("archive", "--format=zip", "-0", f"--output={archive}", commit)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        archive.unlink()
