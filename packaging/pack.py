"""Packs a program with its licences: the same bytes for the same files. `pack.py PROGRAM ARCHIVE-WITHOUT-SUFFIX`."""

import gzip
import io
import os
import sys
import tarfile
import time
import zipfile

program, archive = sys.argv[1:]
epoch = int(os.environ["SOURCE_DATE_EPOCH"])
files = [(program, 0o755), ("LICENSE-APACHE", 0o644), ("LICENSE-MIT", 0o644), ("README.md", 0o644)]

if program.endswith(".exe"):
    archive += ".zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for path, mode in files:
            entry = zipfile.ZipInfo(os.path.basename(path), time.gmtime(max(epoch, 315532800))[:6])
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with open(path, "rb") as file:
                out.writestr(entry, file.read())
else:
    archive += ".tar.gz"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as out:
        for path, mode in files:
            entry = tarfile.TarInfo(os.path.basename(path))
            entry.size = os.path.getsize(path)
            entry.mode = mode
            entry.mtime = epoch
            with open(path, "rb") as file:
                out.addfile(entry, file)
    with open(archive, "wb") as out:
        with gzip.GzipFile("", "wb", 9, out, epoch) as file:
            file.write(packed.getvalue())
print(archive)
