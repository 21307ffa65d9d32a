"""Which calls have left: a mark of 28 bytes each, written directly before the first byte of a call.

A file that is appended to outlives its process, however that ends, at a microsecond a mark; what a machine that loses
power forgets is told by the machine's boot, and then every open call counts as left.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from workbench.errors import WorkbenchError

_MARK = struct.Struct("<20sd")
_BOOT = 36
_BOOT_FILE = Path("/proc/sys/kernel/random/boot_id")


class Departures:
    """The file of marks of one ledger."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def known(self) -> set[tuple[str, float]] | None:
        """Key and time of reservation of what left since `begin`; None where the file cannot tell: it is not there,
        damaged, or of an earlier boot.
        """
        try:
            content = self._path.read_bytes()
        except OSError:
            return None
        boot = _boot()
        if boot is None or content[:_BOOT] != boot:
            return None
        whole = (len(content) - _BOOT) // _MARK.size * _MARK.size
        return {(key.hex(), at) for key, at in _MARK.iter_unpack(content[_BOOT : _BOOT + whole])}

    def begin(self) -> None:
        """Begins anew: everything that was open is settled."""
        try:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            os.write(self._file, _boot() or b"?" * _BOOT)
        except OSError as error:
            raise WorkbenchError(f"{self._path}: cannot be written ({error}).", "Check the free space.") from error

    def mark(self, key: str, at: float) -> None:
        """Marks that the call leaves which was reserved at that time."""
        try:
            os.write(self._file, _MARK.pack(bytes.fromhex(key), at))
        except OSError as error:
            raise WorkbenchError(f"{self._path}: cannot be written ({error}).", "Check the free space.") from error

    def close(self) -> None:
        """Closes the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _boot() -> bytes | None:
    try:
        found = _BOOT_FILE.read_bytes().strip()
    except OSError:
        return None
    return found if len(found) == _BOOT else None
