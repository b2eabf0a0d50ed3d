"""Small documents of each type that is admitted, and what a paper says."""

import io
import struct
import zlib

from pypdf import PdfReader


def pdf(text: str) -> bytes:
    """A PDF of one page that is told from others by its text."""
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n% {text}\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()


def png() -> bytes:
    """One pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00\x00")) + chunk(b"IEND", b"")


def text_of(paper: bytes) -> str:
    """What a PDF says, in one line."""
    pages = "\n".join(each.extract_text() for each in PdfReader(io.BytesIO(paper)).pages)
    return " ".join(pages.split())
