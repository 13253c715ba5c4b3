"""The git repository of a project: whether it is clean, where it stands, what a commit holds."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from baocao.project.errors import ToolError, ToolMissingError, UsageError
from baocao.project.files import is_litter
from baocao.project.language import _
from baocao.project.processes import run

# Everybody's own settings: with them git would answer for another repository, or in other words than those read here.
_CLEAN: Mapping[str, str | None] = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}
# A repository's own settings are read all the same; these would change what is parsed.
_SETTINGS = (
    "core.quotePath=false", "core.fsmonitor=false", "core.autocrlf=false", "core.eol=lf",
    f"core.attributesFile={os.devnull}", f"core.excludesFile={os.devnull}", f"core.hooksPath={os.devnull}",
    "log.showSignature=false", "log.showRoot=true", "log.follow=false", "log.mailmap=false", "log.decorate=false",
    "diff.noprefix=false", "diff.renames=false", "diff.relative=false", f"diff.orderFile={os.devnull}",
    "status.relativePaths=false", "status.branch=false", "status.showStash=false", "color.ui=false",
    "color.status=false", "color.diff=false", "column.ui=never",
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
        # Whom somebody trusts with a folder of another owner is the one setting of theirs that holds.
        trusted = self._run({}, "config", "--get-all", "safe.directory", fails=True).split("\n")
        self._settings = (*_SETTINGS, *(f"safe.directory={one}" for one in trusted if one))
        try:
            top = self._git("rev-parse", "--show-toplevel").strip()
        except ToolError as error:
            raise UsageError(
                _(
                    "{root} is no git repository ('git init' makes it one, 'git add' and 'git commit' keep what is in it): {reason}",
                    root=root,
                    reason=error.stderr.strip() or error,
                )
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
        chosen = [word for setting in self._settings for word in ("-c", setting)]
        return self._run(_CLEAN, "--no-pager", "--no-optional-locks", "--no-replace-objects", *chosen, *argv)

    def _run(self, env: Mapping[str, str | None], *argv: str, fails: bool = False) -> str:
        cleared = {name: None for name in os.environ if name.startswith("GIT_")}
        try:
            return run(["git", *argv], cwd=self.root, env={**cleared, **env}).stdout
        except ToolMissingError:
            raise
        except ToolError:
            if fails:
                return ""
            raise

    @property
    def head(self) -> str:
        """The commit checked out."""
        return self._git("rev-parse", "HEAD").strip()

    def list_uncommitted(self) -> list[str]:
        """List the files that differ from the last commit, and those git does not know but for what a system leaves."""
        said = self._git("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
        entries = [(entry[:2], entry[3:]) for entry in said.split("\0") if entry]
        return sorted(path for state, path in entries if not (state == "??" and is_litter(path)))

    def list_files(self, commit: str) -> list[str]:
        """Name the files of a commit."""
        return [name for name in self._git("ls-tree", "-r", "-z", "--name-only", commit).split("\0") if name]

    def has(self, commit: str) -> bool:
        """Return whether a commit is here; in a shallow copy it may not be."""
        try:
            self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except ToolError:
            return False
        return True

    def read_text(self, commit: str, path: str) -> str | None:
        """Return a text file of a commit; None where it has none."""
        return self._read_blob(f"{commit}:{path}")

    def _read_blob(self, name: str) -> str | None:
        try:
            return self._git("cat-file", "blob", name)
        except ToolError:
            return None

    def list_added(self, pattern: str) -> list[str]:
        """List the files that any commit up to here added, on whatever branch; ``*`` stands for a part of a name."""
        said = self._log("--name-only", "--diff-filter=A", "--", f":(glob){pattern}")
        return sorted({name for name in said if name})

    def list_added_texts(self, path: str) -> list[str]:
        """
        List the texts with which any commit up to here added a file, on whatever branch; the first is the oldest.

        A merge is held against each of its parents: what comes from one of them was added to the other.
        """
        entries = self._log("--raw", "--no-abbrev", "--diff-filter=A", "--", f":(literal){path}")
        blobs = [entry.split()[3] for entry in entries if entry.lstrip().startswith(":")]
        texts = (self._read_blob(blob) for blob in dict.fromkeys(reversed(blobs)) if blob.strip("0"))
        return [text for text in texts if text is not None]

    def _log(self, *argv: str) -> list[str]:
        """Return what the whole history says; git leaves out branches that a merge gave up unless it is told not to."""
        try:
            said = self._git(
                "log", "--format=", "--full-history", "--topo-order", "-m", "--no-renames", "--no-ext-diff",
                "--no-textconv", "-z", *argv[:-2], "HEAD", *argv[-2:],
            )  # fmt: skip
        except ToolError:  # nothing was committed yet
            return []
        return said.split("\0")

    def date(self, commit: str) -> datetime:
        """Return when a commit was made."""
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
