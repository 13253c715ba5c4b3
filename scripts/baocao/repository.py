"""The git repository of a project: whether it is clean, where it stands, what a commit holds."""

from __future__ import annotations

import tarfile
from pathlib import Path

from baocao.errors import ToolError, UsageError
from baocao.rendering.tool import run


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
            raise UsageError(f"{root} is no git repository: {error.stderr.strip() or error}") from None
        if Path(top).resolve() != root.resolve():
            raise UsageError(f"{root} lies in the git repository {top}; expected it to be one of its own.")

    def _git(self, *argv: str) -> str:
        # The caller's own settings (aliases, quoting, line ends) must not change an answer.
        settings = ("-c", "core.quotePath=false", "-c", "core.fsmonitor=false", "-c", "core.autocrlf=false")
        return run(["git", "--no-optional-locks", *settings, *argv], cwd=self.root).stdout

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

    def export(self, commit: str, folder: Path) -> None:
        """
        Write the files of a commit into a folder.

        Nothing is noted in the repository, as a work tree would be, so that it
        may be read-only and a killed audit leaves nothing in it.
        """
        archive = folder.with_name(f"{folder.name}.tar")
        self._git("archive", "--format=tar", f"--output={archive}", commit)
        folder.mkdir(parents=True)
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        archive.unlink()
