"""Makes face.hex of the bold 12 x 24 face in Debian's package xfonts-terminus: its stems are two dots wide, as those of
receipt printers are.

    apt-get install xfonts-terminus && python3 drivers/picture/face.py

A line is a code point and 24 rows of 12 bits, three hexadecimal digits each, the left dot first. Only what receipts in
European languages use is kept.
"""
import gzip
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
KEPT = [(0x20, 0x7E), (0xA0, 0x17F), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2DD), (0x370, 0x3FF), (0x400, 0x45F),
        (0x490, 0x491), (0x2010, 0x2044), (0x20A0, 0x20BF), (0x2100, 0x215E), (0x2190, 0x21A8), (0x2200, 0x2265),
        (0x2310, 0x2321), (0x2500, 0x25E6), (0x263A, 0x266F), (0x2713, 0x2718), (0xFFFD, 0xFFFD)]
METRICS, BITMAPS, ENCODINGS = 4, 8, 32


def glyphs(path):
    data = gzip.open(path).read()
    tables = {}
    for i in range(struct.unpack_from("<I", data, 4)[0]):
        kind, form, _, offset = struct.unpack_from("<4I", data, 8 + 16 * i)
        tables[kind] = (form, offset)

    def order(kind):
        return ">" if struct.unpack_from("<I", data, tables[kind][1])[0] & 4 else "<"

    at, end = tables[METRICS][1], order(METRICS)
    form = struct.unpack_from("<I", data, at)[0]
    assert form & 0x100, "compressed metrics are expected"
    count = struct.unpack_from(end + "H", data, at + 4)[0]
    sizes = [tuple(b - 0x80 for b in data[at + 6 + 5 * i:at + 11 + 5 * i]) for i in range(count)]

    at, end = tables[BITMAPS][1], order(BITMAPS)
    form = struct.unpack_from("<I", data, at)[0]
    assert form & 8, "the most significant bit is expected first"
    pad = 1 << (form & 3)
    offsets = struct.unpack_from(f"{end}{count}I", data, at + 8)
    start = at + 8 + 4 * count + 16

    at, end = tables[ENCODINGS][1], order(ENCODINGS)
    low, high, first, last, _ = struct.unpack_from(end + "5H", data, at + 4)
    for i in range((high - low + 1) * (last - first + 1)):
        index = struct.unpack_from(end + "H", data, at + 14 + 2 * i)[0]
        point = (first + i // (high - low + 1)) * 256 + low + i % (high - low + 1)
        if index == 0xFFFF or not any(a <= point <= b for a, b in KEPT):
            continue
        left, right, width, ascent, descent = sizes[index]
        assert (left, right, width, ascent + descent) == (0, 12, 12, 24), hex(point)
        row = (12 + 8 * pad - 1) // (8 * pad) * pad
        rows = [data[start + offsets[index] + row * y:][:2] for y in range(24)]
        yield point, "".join(f"{int.from_bytes(r, 'big') >> 4:03x}" for r in rows)


lines = [f"{point:04x} {rows}\n" for point, rows in sorted(glyphs("/usr/share/fonts/X11/misc/ter-u24b_unicode.pcf.gz"))]
(HERE / "face.hex").write_text("".join(lines))
print(len(lines), "glyphs")
