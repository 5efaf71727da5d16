"""Whether a file is an MP3. It has no signature of its own, only frames that follow each other."""

from typing import BinaryIO

# kbit/s of layer III by MPEG version 1, and by 2 and 2.5 (ISO/IEC 11172-3 section 2.4.2.3, 13818-3 section 2.4.2.3).
_BITRATES_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MOST_PADDING = 1 << 20


def is_mp3(file: BinaryIO) -> bool:
    """Two frames in a row, after a tag where there is one."""
    start = _after_tag(file)
    if start is None:
        return False
    length = _frame(read_at(file, start, 4))
    return length is not None and _frame(read_at(file, start + length, 4)) is not None


def _after_tag(file: BinaryIO) -> int | None:
    """Where the sound begins: behind an ID3v2 tag and its padding."""
    head = read_at(file, 0, 10)
    if head[:3] != b"ID3":
        return 0
    if len(head) < 10 or any(byte > 127 for byte in head[6:]):
        return None
    size = 10 + sum(byte << 7 * (3 - place) for place, byte in enumerate(head[6:]))
    padding = read_at(file, size, _MOST_PADDING)
    return size + len(padding) - len(padding.lstrip(b"\0"))


def _frame(header: bytes) -> int | None:
    """The length of the frame that a header begins, or None where it is no header of layer III."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in _RATES or bitrate in {0, 15} or rate == 3:
        return None
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[bitrate - 1]
    return (144_000 if version == 3 else 72_000) * kilobits // _RATES[version][rate] + (header[2] >> 1 & 1)


def read_at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
