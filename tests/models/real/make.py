#!/usr/bin/env python3
"""Writes the good model files of this directory with the frameworks themselves.

    python make.py --out . --big ../big [--only FAMILY ...] [--limit BYTES] [--into FOLDER]

Every family is one function in a `write_*.py` beside this file; it is skipped, with a line on
standard error, where one of its packages is not installed (TensorFlow is best kept in an
environment of its own).  Seeds are fixed, so two runs with the same packages give the same content;
writers that stamp the time of day into their file (Keras, tar, MLflow) give other bytes each time.

`INDEX.tsv` lists what was written: path, format, framework and version, expected verdict, note.
A path that ends in `/` stands for a directory that is one model.  Files above the limit, and all
that belongs to the same model, go to the directory of `--big` with an index of their own.

Nothing here reads a pickle.  `weights_only.py` says what torch itself makes of the files.
"""

import argparse
import importlib
import os
import pathlib
import random
import shutil
import sys
import tempfile
import traceback

MODULES = [
    "write_pickle",
    "write_sklearn",
    "write_torch",
    "write_checkpoints",
    "write_arrays",
    "write_onnx",
    "write_keras",
    "write_tensorflow",
    "write_hub",
    "write_exchange",
    "write_containers",
]
HEAD = "path\tformat\tframework\tverdict\tnote\n"


class Shelf:
    """Where a family puts its files; paths are relative to the current directory."""

    def __init__(self):
        self.rows = []

    def put(self, path, kind, framework, note="", verdict="clean", group=None):
        """Says that `path` was written.  `group` names the model that it is a part of."""
        path = str(path)
        if not os.path.exists(path):
            raise FileNotFoundError(path)
        self.rows.append((path, kind, framework, verdict, note, group or path))

    def folder(self, path, kind, framework, note="", kinds=None, verdicts=None):
        """Says that `path` is one model; its files are listed by the end of their names."""
        kinds = kinds or {}
        path = path.rstrip("/")

        def verdict(name):
            return next((v for end, v in (verdicts or {}).items() if name.endswith(end)), "clean")

        self.rows.append((path + "/", kind, framework, verdict(path + "/"), note, path))
        for file in sorted(p for p in pathlib.Path(path).rglob("*") if p.is_file()):
            name = str(file)
            which = next((k for end, k in kinds.items() if name.endswith(end)), None)
            if which is None:
                which = KINDS.get(file.suffix, "text")
            self.rows.append((name, which, framework, verdict(name), "part of " + path, path))


KINDS = {
    ".json": "json",
    ".safetensors": "safetensors",
    ".pkl": "pickle",
    ".pt": "torch-zip",
    ".pth": "torch-zip",
    ".bin": "torch-zip",
    ".npy": "npy",
    ".npz": "npz",
    ".onnx": "onnx",
    ".h5": "hdf5",
    ".yaml": "yaml",
    ".yml": "yaml",
}


def path_of(name):
    """The path `name` with its folder made."""
    parent = os.path.dirname(name)
    if parent:
        os.makedirs(parent, exist_ok=True)
    return name


def seed():
    """The same numbers every time."""
    random.seed(8)
    for name in ("numpy", "torch"):
        module = sys.modules.get(name)
        if module is None:
            continue
        if name == "numpy":
            module.random.seed(8)
        else:
            module.manual_seed(8)


def read_index(file):
    if not file.exists():
        return {}
    rows = [line.split("\t") for line in file.read_text().splitlines()[1:]]
    return {row[0]: row for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=".", type=pathlib.Path)
    parser.add_argument("--big", type=pathlib.Path, help="where files above the limit go")
    parser.add_argument("--limit", default=64 * 1024, type=int, help="bytes of one file")
    parser.add_argument("--into", default="", help="a folder of its own, for other versions")
    parser.add_argument("--only", action="append", help="one family, e.g. write_torch:script")
    arguments = parser.parse_args()
    out = arguments.out.resolve()
    big = arguments.big.resolve() if arguments.big else None
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.modules["make"] = sys.modules["__main__"]
    shelf = Shelf()
    with tempfile.TemporaryDirectory(prefix="models") as scratch:
        os.chdir(scratch)
        for name in MODULES:
            wanted = [only for only in arguments.only or [] if only.split(":")[0] == name]
            if arguments.only and not wanted:
                continue
            families = importlib.import_module(name).FAMILIES
            for family in families:
                label = f"{name}:{family.__name__}"
                if arguments.only and name not in wanted and label not in wanted:
                    continue
                try:
                    seed()
                    family(shelf)
                except Exception as error:  # one family must not stop the others
                    print(f"{label}: {type(error).__name__}: {error}", file=sys.stderr)
                    if not isinstance(error, ImportError):
                        traceback.print_exc(limit=-3)
        sort_out(shelf, pathlib.Path(scratch), out, big, arguments)
        os.chdir(out)


def sort_out(shelf, scratch, out, big, arguments):
    """Copies what was written and brings the indexes up to date."""
    heavy = {
        group
        for path, *_, group in shelf.rows
        if not path.endswith("/") and (scratch / path).stat().st_size > arguments.limit
    }
    for target, chosen in ((out, lambda g: g not in heavy), (big, lambda g: g in heavy)):
        rows = [row for row in shelf.rows if chosen(row[5])]
        if target is None:
            continue
        index = read_index(target / "INDEX.tsv")
        for row in rows:
            name = os.path.join(arguments.into, row[0])
            index[name] = [name, *row[1:5]]
            if name.endswith("/"):
                continue
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(scratch / row[0], target / name)
        target.mkdir(parents=True, exist_ok=True)
        index = {path: row for path, row in index.items() if (target / path).exists()}
        lines = ["\t".join(index[path]) + "\n" for path in sorted(index)]
        (target / "INDEX.tsv").write_text(HEAD + "".join(lines))
        print(f"{target.name}: {len(rows)} written, {len(lines)} listed")


if __name__ == "__main__":
    main()
