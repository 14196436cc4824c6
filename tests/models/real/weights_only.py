#!/usr/bin/env python3
"""Asks torch whether `torch.load(path, weights_only=True, map_location="cpu")` takes a file.

    python weights_only.py FILE...
    python weights_only.py --index INDEX.tsv      (every file that the index lists)
    python weights_only.py --allowed              (what torch takes by itself)

Prints tab-separated lines: path, true or false, the line of the error that says why, the globals
that the error names, and all globals that torch would have to be told of (by
`torch.serialization.get_unsafe_globals_in_checkpoint`, which only lists; `?` where it cannot).

It never loads in any other way.  Every file has a process of its own with a limit of time and of
memory, and no network where the system allows to take it away.
"""

import argparse
import ctypes
import json
import os
import pathlib
import re
import resource
import signal
import sys
import warnings

SECONDS = 60
MEMORY = 6 << 30
NAMED = re.compile(r"GLOBAL ([\w.<>]+)|Trying to (?:call|instantiate) (?:reduce for unrecognized function|unsupported class) ([^\n]+)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--index", type=pathlib.Path)
    parser.add_argument("--allowed", action="store_true", help="print what is allowed, and end")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    arguments = parser.parse_args()
    if arguments.allowed:
        return print_allowed()
    files = list(arguments.files)
    if arguments.index:
        os.chdir(arguments.index.parent)
        rows = pathlib.Path(arguments.index.name).read_text().splitlines()[1:]
        files += [row.split("\t")[0] for row in rows if not row.split("\t")[0].endswith("/")]
    try:  # CLONE_NEWNET: no network from here on
        ctypes.CDLL(None).unshare(0x40000000)
    except (OSError, AttributeError):
        pass
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    print(f"path\tweights_only\terror\tnamed\tunsafe_globals\t# torch {torch.__version__.split('+')[0]}", flush=True)
    for file in files:
        answer = in_a_process(file, arguments.seconds)
        print("\t".join([file] + [clean(part) for part in answer]), flush=True)


def print_allowed():
    """The globals that torch takes without being told, and the renaming it does before it looks."""
    import torch
    import torch._weights_only_unpickler as unpickler

    print(f"what\tname\tmeaning\t# torch {torch.__version__.split('+')[0]}")
    for name, value in sorted(unpickler._get_allowed_globals().items()):
        print("allowed", name, type(value).__name__, sep="\t")
    for name in unpickler._blocklisted_modules:
        print("blocked-module", name, "-", sep="\t")
    for old, new in sorted(unpickler.IMPORT_MAPPING.items()):
        print("module-renamed", old, new, sep="\t")
    for old, new in sorted(unpickler.NAME_MAPPING.items()):
        print("name-renamed", ".".join(old), ".".join(new), sep="\t")


def clean(text):
    return " ".join(str(text).split()) or "-"


def in_a_process(file, seconds):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.alarm(seconds)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        try:
            text = json.dumps(ask(file), default=str)
        except BaseException as error:
            text = json.dumps(["false", f"{type(error).__name__}: {error}"[:300], "-", "-"])
        os.write(write, text.encode("utf-8", "replace")[: 1 << 16])
        os._exit(0)
    os.close(write)
    data = b""
    while part := os.read(read, 65536):
        data += part
    os.close(read)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return ["false", f"process ended by {name}", "-", "-"]
    return json.loads(data)


def ask(file):
    import torch

    named, line = "-", "-"
    try:
        torch.load(file, weights_only=True, map_location="cpu")
        loads = "true"
    except BaseException as error:
        loads = "false"
        text = str(error)
        line, named = reason(type(error).__name__, text), ",".join(globals_of(text)) or "-"
    try:
        unsafe = ",".join(sorted(torch.serialization.get_unsafe_globals_in_checkpoint(file))) or "-"
    except BaseException:
        unsafe = "?"
    return [loads, line, named, unsafe]


def reason(kind, text):
    """The line that says why: torch puts it after its general advice."""
    text = re.sub(r" Please use `torch\.serialization.*", "", text, flags=re.S)
    found = re.search(r"(?:WeightsUnpickler error:\s*|Weights only load failed\. (?=``)|\n\s*(?=Trying to load unsupported))([^\n]+)", text)
    if found:
        line = "WeightsUnpickler error: " + found.group(1).strip()
    else:
        line = (text.strip().splitlines() or [""])[0]
    return f"{kind}: {line}"[:300]


def globals_of(text):
    names = []
    for match in NAMED.finditer(text):
        name = next(part for part in match.groups() if part).strip()
        if name not in names:
            names.append(name)
    return names


if __name__ == "__main__":
    main()
