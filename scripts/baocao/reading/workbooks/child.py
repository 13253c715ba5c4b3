"""
The child process that parses: one workbook a frame in, one JSON answer a frame out.

It limits itself before it reads anything: a parser that asks for too much
memory or time takes this process down and nothing else.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import TYPE_CHECKING, Any

from baocao.project.errors import WorkbookError
from baocao.reading.workbooks.parsing import parse_workbook
from baocao.reading.workbooks.workbook import dump_workbook

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY = 1 << 30
SECONDS = 10
FRAME = struct.Struct("<Q")
MAX_FRAME = 1 << 30


def error_to_dict(error: WorkbookError) -> dict[str, Any]:
    """Give a refusal as plain JSON types."""
    names = ("code", "expected", "got", "action", "sheet", "address")
    return {"error": {name: getattr(error, name) for name in names}}


def error_from_dict(data: dict[str, Any]) -> WorkbookError:
    """
    Undo :func:`error_to_dict`.

    Examples
    --------
    >>> one = WorkbookError("blank", expected="a", got="b", action="c", address="D9")
    >>> error_from_dict(error_to_dict(one)).address
    'D9'
    """
    fields = dict(data["error"])
    return WorkbookError(fields.pop("code"), **fields)


def read_frame(stream: BinaryIO) -> bytes | None:
    """Read one frame; None at the end of the stream, also in the middle of a frame."""
    head = stream.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    (size,) = FRAME.unpack(head)
    if size > MAX_FRAME:
        return None
    data = stream.read(size)
    return data if len(data) == size else None


def write_frame(stream: BinaryIO, data: bytes) -> None:
    """Write one frame."""
    stream.write(FRAME.pack(len(data)))
    stream.write(data)
    stream.flush()


def _limit_process() -> bool:
    try:
        import resource
    except ImportError:
        return False
    for what, amount in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        limit = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(what, (limit, limit))
    return True


def _limit_time() -> None:
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(usage.ru_utime + usage.ru_stime) + SECONDS + 1
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )


def answer(data: bytes) -> bytes:
    """Parse one workbook; a refusal is an answer too."""
    reply: dict[str, Any]
    try:
        reply = dump_workbook(parse_workbook(data))
    except WorkbookError as error:
        reply = error_to_dict(error)
    return json.dumps(reply, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def main() -> None:
    """Answer frames until the stream ends."""
    limited = _limit_process()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    write_frame(sink, b"limited" if limited else b"unlimited")
    while (data := read_frame(source)) is not None:
        if limited:
            _limit_time()
        write_frame(sink, answer(data))


if __name__ == "__main__":
    main()
