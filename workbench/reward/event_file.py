r"""Scalars as TensorBoard reads them, written without TensorBoard.

An event file is a row of records, each its length, a checksum of that, the event, a checksum of it (TFRecord); an event
is a protocol buffer of wall time (field 1, double), step (2, integer) and a summary (5) of named values (tag 1, simple
value 2). The checksum is CRC-32C, masked: turned right by 15 bits, plus a constant.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Mapping
from pathlib import Path

_MASK = 0xA282EAD8
_VERSION = b"brain.Event:2"


class EventFile:
    """A file of scalars in a folder; every write is whole when it returns.

    Parameters
    ----------
    folder : made where it is not there; a training that goes on adds another file to it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        now = time.time()
        self.path = folder / f"events.out.tfevents.{now:.6f}.{os.getpid()}.workbench"
        self._append(_double(1, now) + _bytes(3, _VERSION))

    def add(self, step: int, scalars: Mapping[str, float]) -> None:
        """Adds values of one step by their names."""
        summary = b"".join(_bytes(1, _bytes(1, name.encode()) + _float(2, value)) for name, value in scalars.items())
        self._append(_double(1, time.time()) + _integer(2, step) + _bytes(5, summary))

    def _append(self, event: bytes) -> None:
        length = struct.pack("<Q", len(event))
        record = length + struct.pack("<I", masked(length)) + event + struct.pack("<I", masked(event))
        with self.path.open("ab") as stream:
            stream.write(record)


def crc32c(data: bytes) -> int:
    """CRC-32 with Castagnoli's polynomial.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(data: bytes) -> int:
    """The checksum as the file holds it."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def _table() -> list[int]:
    found = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        found.append(crc)
    return found


_TABLE = _table()


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value
