"""
The child process that parses: one workbook a frame in, one packed answer a frame out.

It limits itself before it reads anything: a parser that asks for too much
memory or time takes this process down and nothing else.
"""

from __future__ import annotations

import json
import struct
import sys
import zlib
from typing import TYPE_CHECKING

from baocao.project.errors import WorkbookError, workbook_error_from_record
from baocao.reading.workbooks.parsing import parse_workbook
from baocao.reading.workbooks.workbook import Workbook, dump_workbook, load_workbook

if TYPE_CHECKING:
    from typing import BinaryIO

MEMORY = 1 << 30
SECONDS = 10
FRAME = struct.Struct("<Q")
MAX_FRAME = 1 << 30


_READ, _REFUSED = b"W", b"E"


def pack_answer(answer: Workbook | WorkbookError) -> bytes:
    """Write a workbook, or why it cannot be read, as one byte that tells which and packed JSON."""
    if isinstance(answer, Workbook):
        return _READ + zlib.compress(dump_workbook(answer), 1)
    return _REFUSED + zlib.compress(json.dumps(answer.as_record()).encode("ascii"), 1)


def unpack_answer(packed: bytes) -> Workbook | WorkbookError:
    """
    Undo :func:`pack_answer`; the sheets of a workbook are decoded when they are asked for.

    Raises
    ------
    ValueError
        It is no answer.

    Examples
    --------
    >>> refusal = WorkbookError("blank", expected="a", got="b", action="c", address="D9")
    >>> unpack_answer(pack_answer(refusal)).address
    'D9'
    """
    if packed.startswith(_READ):
        return load_workbook(packed[1:])
    if not packed.startswith(_REFUSED):
        raise ValueError(packed[:20])
    return workbook_error_from_record(json.loads(zlib.decompress(packed[1:])))


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
    try:
        return pack_answer(parse_workbook(data))
    except WorkbookError as error:
        return pack_answer(error)


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
