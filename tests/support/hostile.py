"""Malicious files, generated so that the repository contains none."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

from tests.support.files import clip, wav

#: In every sample, at the harmful place; it must never be served.
SCRIPT = b"alert(document.domain)"
_TEN_HOURS = 36_000


def svg_with_script() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>' + SCRIPT + b"</script></svg>"


def html() -> bytes:
    return b"<!doctype html><title>x</title><script>" + SCRIPT + b"</script>" + b" " * 500


def gif_that_is_a_script() -> bytes:
    """A GIF of width 10,799, which is encoded as ``/*``: the file is also JavaScript, a comment followed by a call."""
    out = io.BytesIO()
    Image.new("P", (0x2A2F, 2)).save(out, "GIF")
    content = out.getvalue()
    assert content[6:8] == b"/*"
    return content + b"*/=1;" + SCRIPT


def jpeg_with_archive() -> bytes:
    """A photo followed by an archive: the file opens as both."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("page.html", SCRIPT)
    content = _jpeg(Image.effect_noise((320, 240), 40).convert("RGB")) + packed.getvalue()
    assert zipfile.ZipFile(io.BytesIO(content)).read("page.html") == SCRIPT
    return content


def png_bomb(side: int = 30_000) -> bytes:
    """About 100 KB that decode to 900 million pixels."""
    packer = zlib.compressobj(1)
    row = bytes(1 + side // 8)
    data = b"".join(packer.compress(row * 1000) for _ in range(side // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def png_text_bomb() -> bytes:
    """A small picture whose description decompresses to 100 MB."""
    out = io.BytesIO()
    Image.new("RGB", (9, 9)).save(out, "PNG")
    content = out.getvalue()
    end_of_header = 33
    text = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 1))
    return content[:end_of_header] + text + content[end_of_header:]


def png_with_descriptions() -> bytes:
    """Location and author in every form that PNG supports."""
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", SCRIPT.decode())
    info.add_itxt("XML:com.adobe.xmp", f"<x:xmpmeta>{SCRIPT.decode()}</x:xmpmeta>")
    exif = Image.Exif()
    exif[0x010E] = SCRIPT.decode()
    out = io.BytesIO()
    Image.effect_noise((700, 500), 40).convert("RGB").save(out, "PNG", pnginfo=info, exif=exif)
    return out.getvalue() + SCRIPT


def truncated_video() -> bytes:
    """An MP4 whose index is at the end, which is cut off."""
    whole = clip("mp4", 2)
    return whole[: len(whole) // 2]


def video_that_declares_ten_hours() -> bytes:
    content = bytearray(clip("mp4", 1))
    at = content.index(b"mvhd") + 4
    (scale,) = struct.unpack_from(">I", content, at + 12)
    struct.pack_into(">I", content, at + 16, _TEN_HOURS * scale)
    return bytes(content)


def sound_that_declares_ten_hours() -> bytes:
    content = bytearray(wav(1))
    declared = 2 * 8000 * _TEN_HOURS
    struct.pack_into("<I", content, 4, declared + 36)
    struct.pack_into("<I", content, 40, declared)
    return bytes(content)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
