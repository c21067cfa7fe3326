"""Entries of a journal as a forger would make them: canonical CBOR, the hash, and a signature by whoever's key is at hand."""
import hashlib
import pathlib
import struct
import subprocess
import tempfile


def encode(value):
    def head(major, n):
        if n < 24:
            return bytes([major << 5 | n])
        for info, size, form in ((24, 1, ">B"), (25, 2, ">H"), (26, 4, ">I"), (27, 8, ">Q")):
            if n < 1 << 8 * size:
                return bytes([major << 5 | info]) + struct.pack(form, n)
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", False: b"\xf4", True: b"\xf5"}[value]
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encode, value))
    keys = sorted(value, key=lambda k: (len(k.encode()), k.encode()))
    return head(5, len(value)) + b"".join(encode(k) + encode(value[k]) for k in keys)


def decode(data):
    def read(at):
        first = data[at]
        at += 1
        major, n = first >> 5, first & 31
        if major == 7:
            return {20: False, 21: True, 22: None}[n], at
        if n >= 24:
            size = 1 << (n - 24)
            n = int.from_bytes(data[at:at + size], "big")
            at += size
        if major < 2:
            return (n if major == 0 else -1 - n), at
        if major < 4:
            return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
        out = [] if major == 4 else {}
        for _ in range(n):
            key, at = read(at)
            if major == 4:
                out.append(key)
            else:
                out[key], at = read(at)
        return out, at
    return read(0)[0]


def hash_of(body):
    return hashlib.sha256(b"obol-entry/1\0" + body).digest()


def sign(key, device, seq, digest):
    """Of a head, with the private key in the PEM file `key`."""
    with tempfile.TemporaryDirectory() as folder:
        text = pathlib.Path(folder) / "text"
        text.write_bytes(b"obol-head/1\0" + bytes.fromhex(device) + struct.pack(">Q", seq) + digest)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(text)],
                              capture_output=True, check=True).stdout
