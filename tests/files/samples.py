"""Small files of every kind that is taken, and of many that are not."""

import struct
import zlib
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import httpx
from openpyxl import Workbook
from reportlab.pdfgen.canvas import Canvas

from tests.world import Someone

Parts = dict[str, str | bytes]

_MAIN = "application/vnd.openxmlformats-officedocument.{}.main+xml"
_ODF = "application/vnd.oasis.opendocument."


async def upload(someone: Someone, content: Any, name: str = "a.pdf", **headers: str) -> httpx.Response:
    """Brings a file, as an app does."""
    given = {"authorization": f"Bearer {someone.token}", "content-type": "application/octet-stream"} | headers
    return await someone.world.client.post("/v1/files", params={"name": name}, content=content, headers=given)


async def brought(someone: Someone, name: str = "план.pdf") -> str:
    """The id of a PDF that waits to be attached."""
    answer = await upload(someone, pdf(), name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def pdf() -> bytes:
    file = BytesIO()
    canvas = Canvas(file, invariant=1)
    canvas.drawString(72, 720, "Homework")
    canvas.save()
    return file.getvalue()


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def xlsx() -> bytes:
    book, file = Workbook(), BytesIO()
    book.active["A1"] = "Оценка"  # type: ignore[index]
    book.save(file)
    return file.getvalue()


def zipped(members: Parts, *, compression: int = ZIP_DEFLATED) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def office(more: Parts | None = None, kind: str = "wordprocessingml.document") -> bytes:
    """A document of the Office family; further members by their names."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{_MAIN.format(kind)}"/></Types>'
    parts: Parts = {"[Content_Types].xml": types, "_rels/.rels": "<Relationships/>", "word/document.xml": "<a/>"}
    return zipped(parts | (more or {}))


def macros() -> bytes:
    """A document with macros (docm)."""
    types = (
        '<Types><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
    )
    return zipped({"[Content_Types].xml": types, "word/document.xml": "<a/>", "word/vbaProject.bin": b"\xd0\xcf"})


def opened(kind: str = "text", more: Parts | None = None) -> bytes:
    """A document of the OpenDocument family."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _ODF + kind, compress_type=ZIP_STORED)
        for name, content in {"content.xml": "<a/>", "META-INF/manifest.xml": "<m/>", **(more or {})}.items():
            archive.writestr(name, content)
    return file.getvalue()


def boxes(brand: bytes, *others: bytes) -> bytes:
    """The beginning of an ISO base media file."""
    inside = brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(inside)) + b"ftyp" + inside + struct.pack(">I", 8) + b"mdat"


FRAME = b"\xff\xfb\x90\x00" + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz
TAG = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10)

TAKEN: dict[str, tuple[bytes, str]] = {
    "pdf": (pdf(), "application/pdf"),
    "jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20) + b"\xff\xd9", "image/jpeg"),
    "png": (png(), "image/png"),
    "gif": (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00;", "image/gif"),
    "webp": (b"RIFF\x1a\x00\x00\x00WEBPVP8L" + bytes(14), "image/webp"),
    "heic": (boxes(b"heic", b"mif1"), "image/heic"),
    "heic from another maker": (boxes(b"mif1", b"mif1", b"heic"), "image/heic"),
    "mp3": (FRAME * 3, "audio/mpeg"),
    "mp3 with a tag": (TAG + FRAME * 2, "audio/mpeg"),
    "m4a": (boxes(b"M4A ", b"isom"), "audio/mp4"),
    "mp4": (boxes(b"isom", b"mp41"), "video/mp4"),
    "txt": ("Стихотворение.\r\n\tВыучить < 12 строк".encode(), "text/plain"),
    "txt with a mark": (b"\xef\xbb\xbfSome text", "text/plain"),
    "docx": (office(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": (xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": (
        office(kind="presentationml.presentation"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "odt": (opened("text"), _ODF + "text"),
    "ods": (opened("spreadsheet"), _ODF + "spreadsheet"),
    "odp": (opened("presentation"), _ODF + "presentation"),
}

_ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
_PE = b"MZ\x90\x00\x03" + bytes(60)
_TWO_TYPES = zipped({"[Content_Types].xml": "<a/>", "[content_types].XML": "<b/>", "word/document.xml": "<a/>"})

REFUSED: dict[str, bytes] = {
    "nothing": b"",
    "blanks only": b" \n\t ",
    "a program of Windows": _PE,
    "a program of Linux": _ELF,
    "a program without a zero": b"MZ" + b"A" * 100,
    "a shell script": b"#!/bin/sh\nrm -rf /\n",
    "a page": b"<!DOCTYPE html><html><body>1</body></html>",
    "a page after blanks and a mark": b"\xef\xbb\xbf\n\n  <HTML><script>alert(1)</script>",
    "a picture with scripts": b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>',
    "a picture that begins as XML": b'<?xml version="1.0"?><svg/>',
    "a comment, then a page": b"<!-- --><script>alert(1)</script>",
    "rich text": rb"{\rtf1\ansi hello}",
    "PostScript": b"%!PS-Adobe-3.0\n",
    "a PDF of no version": b"%PDF-hello",
    "a text in another encoding": "Задание".encode("cp1251"),
    "a text with a zero": b"hello\x00world",
    "a text with an escape": b"hello\x1b[31m",
    "a text that is cut": "Задание".encode()[:-1],
    "an archive": zipped({"a.txt": "1"}),
    "an archive of another kind": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "an archive of one file": b"\x1f\x8b\x08" + bytes(40),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "a document with macros": macros(),
    "a document that hides its macros": office({"word/VBAProject.bin": b"\xd0"}),
    "a document with controls": office({"word/activeX/activeX1.xml": "<a/>"}),
    "a document with a program": office({"word/media/run.exe": b"MZ"}),
    "a document of two kinds": zipped(
        {
            "[Content_Types].xml": f'<Types><a b="{_MAIN.format("wordprocessingml.document")}"/>'
            f'<a b="{_MAIN.format("spreadsheetml.sheet")}"/></Types>'
        }
    ),
    "a document with two lists of parts": _TWO_TYPES,
    "an open document with macros": opened(more={"Basic/Standard/Module1.xml": "<a/>"}),
    "an open document with scripts": opened(more={"Scripts/python/a.py": "1"}),
    "a program of Java": zipped({"META-INF/MANIFEST.MF": "Main-Class: A", "[Content_Types].xml": "<a/>"}),
    "an open document of another kind": opened("graphics"),
    "a document behind other bytes": b"PK\x03\x04" + bytes(30) + office(),
    "a document with bytes behind it": office() + b"\xff" * 40,
    "a document that is cut": office()[:200],
    "a PDF that is an archive too": pdf() + zipped({"a.exe": "1"}),
    "a picture that is an archive too": png() + zipped({"META-INF/MANIFEST.MF": "1"}),
    "a new picture of another kind": boxes(b"avif", b"mif1"),
    "a film of another kind": boxes(b"qt  "),
    "a sound of one frame": FRAME,
    "a tag without sound": TAG + b"MZ" + bytes(500),
    "a wave": b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(30),
    "a mail": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60),
}
