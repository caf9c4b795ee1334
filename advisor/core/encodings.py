"""Bytes as text, however they are packed and encoded; nothing is opened here."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import re
import zipfile
import zlib
from typing import Literal

Packing = Literal["none", "gzip", "bzip2", "xz", "zip"]

MAGIC: dict[bytes, Packing] = {
    b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"PK\x03\x04": "zip",
}  # fmt: skip
# what unpacking raises for a file that is not whole
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile)
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_LOOKED_AT = 64 * 1024
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def packing_of(start: bytes) -> Packing:
    """How a file that begins so is packed."""
    return next((kind for sign, kind in MAGIC.items() if start.startswith(sign)), "none")


def decoded(data: bytes) -> tuple[str, str]:
    """Text and its encoding, told by its mark, by zeros, else by what decodes. Raises ValueError."""
    encoding = next((kind for mark, kind in _BOMS.items() if data.startswith(mark)), None)
    if encoding is None and data[:_LOOKED_AT].count(0) > len(data[:_LOOKED_AT]) // 8:
        even, odd = (data[first:_LOOKED_AT:2].count(0) for first in (0, 1))
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    if encoding not in (None, "utf-8-sig"):
        whole = len(data) - len(data) % 4
        text = data[:whole].decode(str(encoding), errors="replace") + (
            data[whole:].decode(str(encoding), errors="ignore") if encoding.startswith("utf-16-") else ""
        )
    else:
        try:
            text = codecs.getincrementaldecoder(encoding or "utf-8")().decode(data)
            encoding = encoding or "utf-8"
        except UnicodeDecodeError:
            text, encoding = data.decode("cp1252", errors="replace"), "cp1252"
    start = text[:_LOOKED_AT]
    if len(_NOT_TEXT.findall(start)) + start.count("\ufffd") > max(len(start) // 50, 1):
        raise ValueError("not text")
    return text, str(encoding)


def start_of(data: bytes, most: int) -> bytes:
    """What the first bytes of a packed file hold, at most ``most``. Raises ``DAMAGED`` or ValueError."""
    packing = packing_of(data)
    if packing == "gzip":
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, most)
    if packing == "bzip2":
        return bz2.BZ2Decompressor().decompress(data, most)
    if packing == "xz":
        return lzma.LZMADecompressor().decompress(data, most)
    return unpacked(data, most)[:most]


def unpacked(data: bytes, most: int) -> bytes:
    """What packed bytes hold, at most ``most`` + 1 of them. Raises ``DAMAGED`` or ValueError."""
    packing = packing_of(data)
    if packing == "none":
        return data[: most + 1]
    stream = io.BytesIO(data)
    if packing == "zip":
        archive = zipfile.ZipFile(stream)
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1 or members[0].flag_bits & 1:
            raise ValueError("a zip of one plain file is needed")
        return archive.open(members[0]).read(most + 1)
    if packing == "gzip":
        return gzip.GzipFile(fileobj=stream).read(most + 1)
    return (bz2.BZ2File(stream) if packing == "bzip2" else lzma.LZMAFile(stream)).read(most + 1)
