"""Containers of good files: zip, tar, 7z, gz, bz2, xz, lzma, zlib, and one in another."""

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
import zlib

from make import path_of, seed


def members():
    import numpy as np
    import safetensors.torch
    import torch

    from write_torch import small

    seed()
    state = small().state_dict()
    weights = io.BytesIO()
    torch.save(state, weights)
    array = io.BytesIO()
    np.save(array, np.arange(4.0))
    return {
        "data/plain.pkl": pickle.dumps({"a": [1, 2, 3], "b": "text"}, 4),
        "weights.pt": weights.getvalue(),
        "array.npy": array.getvalue(),
        "model.safetensors": safetensors.torch.save(state),
        "README.txt": b"good files only\n",
    }


def tar_bytes(files, mode, form=tarfile.PAX_FORMAT):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode, format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def zip_bytes(files, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return stream.getvalue()


def write(shelf, name, kind, content, note):
    path = path_of(f"containers/{name}")
    with open(path, "wb") as file:
        file.write(content)
    shelf.put(path, kind, "python", note)


def archives(shelf):
    files = members()
    write(shelf, "stored.zip", "zip", zip_bytes(files, zipfile.ZIP_STORED), "stored")
    write(shelf, "deflated.zip", "zip", zip_bytes(files), "deflated")
    write(shelf, "bzip2.zip", "zip", zip_bytes(files, zipfile.ZIP_BZIP2), "method 12 (bzip2)")
    write(shelf, "lzma.zip", "zip", zip_bytes(files, zipfile.ZIP_LZMA), "method 14 (LZMA)")
    write(shelf, "empty.zip", "zip", zip_bytes({}), "no member")
    for ending, mode in (("tar", "w"), ("tar.gz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")):
        write(shelf, "models." + ending, ending, tar_bytes(files, mode), "tar, pax")
    write(shelf, "gnu.tar", "tar", tar_bytes({"n" * 120 + ".pkl": files["data/plain.pkl"]}, "w", tarfile.GNU_FORMAT), "GNU tar with a long name")
    write(shelf, "ustar.tar", "tar", tar_bytes(files, "w", tarfile.USTAR_FORMAT), "ustar")
    write(shelf, "tar_in_zip.zip", "zip", zip_bytes({"inner.tar": tar_bytes(files, "w")}), "tar in zip")
    write(shelf, "zip_in_tar.tar.gz", "tar.gz", tar_bytes({"inner.zip": zip_bytes(files)}, "w:gz"), "zip in tar.gz")
    write(shelf, "zip_in_zip_in_zip.zip", "zip", zip_bytes({"b.zip": zip_bytes({"c.zip": zip_bytes(files)})}), "three deep")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = b"a comment at the end"
        archive.mkdir("folder")
        with archive.open(zipfile.ZipInfo("folder/plain.pkl"), "w", force_zip64=True) as member:
            member.write(files["data/plain.pkl"])
    write(shelf, "zip64_comment.zip", "zip", stream.getvalue(), "zip64 fields, folder, comment")

    class OneWay(io.RawIOBase):
        """A stream that cannot go back, so that zipfile writes data descriptors."""

        def __init__(self):
            super().__init__()
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.data += data
            return len(data)

    target = OneWay()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    write(shelf, "streamed.zip", "zip", bytes(target.data), "data descriptors")


def streams(shelf):
    plain = members()["data/plain.pkl"]
    write(shelf, "plain.pkl.gz", "gz", gzip.compress(plain, mtime=0), "gzip of a pickle")
    write(shelf, "plain.pkl.bz2", "bz2", bz2.compress(plain), "bzip2 of a pickle")
    write(shelf, "plain.pkl.xz", "xz", lzma.compress(plain), "xz of a pickle")
    write(shelf, "plain.pkl.lzma", "lzma", lzma.compress(plain, lzma.FORMAT_ALONE), "lzma of a pickle")
    write(shelf, "plain.pkl.z", "zlib", zlib.compress(plain), "zlib of a pickle")
    write(shelf, "two_members.gz", "gz", gzip.compress(plain, mtime=0) + gzip.compress(plain, mtime=0), "two gzip members")
    write(shelf, "safetensors.gz", "gz", gzip.compress(members()["model.safetensors"], mtime=0), "gzip of safetensors")


def seven(shelf):
    import py7zr

    files = members()
    for name, filters in (("lzma2", None), ("copy", [{"id": py7zr.FILTER_COPY}]), ("deflate", [{"id": py7zr.FILTER_DEFLATE}]),
                          ("bzip2", [{"id": py7zr.FILTER_BZIP2}])):
        path = path_of(f"containers/{name}.7z")
        with py7zr.SevenZipFile(path, "w", filters=filters) as archive:
            for member, content in files.items():
                archive.writestr(content, member)
        shelf.put(path, "7z", "py7zr " + py7zr.__version__, name)


FAMILIES = [archives, streams, seven]
