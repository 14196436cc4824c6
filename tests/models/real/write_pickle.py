"""Pickles of plain data, of numpy, pandas and scipy."""

import array
import collections
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import pickle
import platform
import uuid
from io import BytesIO

from make import path_of

PYTHON = "python " + platform.python_version()


def plain():
    shared = ["shared", 1, 2.5]
    loop = {"name": "loop"}
    loop["self"] = loop
    return {
        "none": None,
        "flags": [True, False],
        "integers": [0, 1, 255, 256, 65535, 65536, -1, -(2**31), 2**31, 2**63, -(2**63), 2**200],
        "floats": [0.0, -1.5, 1e300, float("inf")],
        "text": "plain text, \u00fcml\u00e4ut, \U0001f600, os.system is only a word here",
        "bytes": b"\x00\x01\xff" * 3,
        "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)),
        "set": {1, 2, 3},
        "frozenset": frozenset(["a"]),
        "shared": [shared, shared],
        "loop": loop,
        "long": list(range(300)),
    }


def protocols(shelf):
    for protocol in range(6):
        name = path_of(f"pickle/plain_protocol{protocol}.pkl")
        with open(name, "wb") as file:
            pickle.dump(plain(), file, protocol=protocol)
        shelf.put(name, "pickle", PYTHON, f"plain data, protocol {protocol}")


def standard_library(shelf):
    values = {
        "ordered_dict": collections.OrderedDict(a=1, b=2),
        "default_dict": collections.defaultdict(list, {"a": [1]}),
        "counter": collections.Counter("hello"),
        "deque": collections.deque([1, 2], maxlen=5),
        "datetime": datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc),
        "date": datetime.date(2024, 2, 29),
        "timedelta": datetime.timedelta(days=1),
        "decimal": decimal.Decimal("1.10"),
        "fraction": fractions.Fraction(1, 3),
        "uuid": uuid.UUID(int=8),
        "path": pathlib.PurePosixPath("weights/model.bin"),
        "complex": 1 + 2j,
        "bytearray": bytearray(b"abc"),
        "array": array.array("d", [1.0, 2.0]),
        "range": range(3),
        "slice": slice(1, 2, 3),
        "address": ipaddress.ip_address("192.0.2.1"),
    }
    for protocol in (2, 4, 5):
        name = path_of(f"pickle/standard_library_protocol{protocol}.pkl")
        with open(name, "wb") as file:
            pickle.dump(values, file, protocol=protocol)
        shelf.put(name, "pickle", PYTHON, f"data classes of the standard library, protocol {protocol}")


def stacked(shelf):
    name = path_of("pickle/stacked.pkl")
    with open(name, "wb") as file:
        for number in range(4):
            pickle.dump({"epoch": number, "loss": 1 / (number + 1)}, file, protocol=2 + number % 3)
    shelf.put(name, "pickle", PYTHON, "four pickles one after the other")
    name = path_of("pickle/out_of_band.pkl")
    buffers = []
    data = pickle.dumps(pickle.PickleBuffer(bytearray(b"x" * 64)), 5, buffer_callback=buffers.append)
    with open(name, "wb") as file:
        file.write(pickle.dumps(bytearray(b"y" * 2000), 5))
    shelf.put(name, "pickle", PYTHON, "BYTEARRAY8, protocol 5")
    assert data and buffers
    name = path_of("pickle/fast_no_memo.pkl")
    stream = BytesIO()
    pickler = pickle.Pickler(stream, protocol=2)
    pickler.fast = True
    pickler.dump({"a": [1, 2, (3, 4)], "b": "text"})
    with open(name, "wb") as file:
        file.write(stream.getvalue())
    shelf.put(name, "pickle", PYTHON, "written without memo")


def vocabularies(shelf):
    words = {f"word{number}": number for number in range(2000)}
    name = path_of("pickle/vocabulary.pkl")
    with open(name, "wb") as file:
        pickle.dump(words, file, protocol=4)
    shelf.put(name, "pickle", PYTHON, "2,000 words, many frames")
    lines = {"notes": ["eval(model)", "os.system('ls')", "__import__", "{{ config }}", "cposix\nsystem\n"]}
    name = path_of("pickle/words_that_look_bad.pkl")
    with open(name, "wb") as file:
        pickle.dump(lines, file, protocol=4)
    shelf.put(name, "pickle", PYTHON, "text that only talks about code")


def numpy_values(shelf):
    import numpy as np

    version = "numpy " + np.__version__
    values = {
        "array": np.arange(12, dtype="float32").reshape(3, 4),
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "strings": np.array(["a", "bcd"]),
        "objects": np.array([None, "x", 3], dtype=object),
        "scalar": np.float64(1.5),
        "integer": np.int64(3),
        "boolean": np.bool_(True),
        "date": np.array(["2024-01-01"], dtype="datetime64[D]"),
        "record": np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
        "dtype": np.dtype("float16"),
        "empty": np.zeros((0, 3)),
        "masked": np.ma.masked_array([1, 2, 3], mask=[0, 1, 0]),
        "big_endian": np.arange(3, dtype=">i4"),
        "type": np.float32,
        "records": np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U1")]),
    }
    for protocol in range(6):
        name = path_of(f"pickle/numpy_protocol{protocol}.pkl")
        with open(name, "wb") as file:
            pickle.dump(values, file, protocol=protocol)
        shelf.put(name, "pickle", version, f"arrays, scalars, dtypes, protocol {protocol}")
    rng = np.random.default_rng(8)
    old = np.random.RandomState(8)
    name = path_of("pickle/numpy_random.pkl")
    with open(name, "wb") as file:
        pickle.dump({"new": rng, "old": old, "state": old.get_state(), "bits": np.random.PCG64(8)}, file)
    shelf.put(name, "pickle", version, "random generators and their state")


def pandas_values(shelf):
    import numpy as np
    import pandas as pd

    version = "pandas " + pd.__version__
    frame = pd.DataFrame(
        {
            "a": [1, 2, 3],
            "b": [0.5, np.nan, 1.5],
            "c": ["x", "y", None],
            "d": pd.Categorical(["u", "v", "u"]),
            "e": pd.date_range("2024-01-01", periods=3, tz="UTC"),
            "f": pd.array([1, None, 3], dtype="Int64"),
        },
        index=pd.Index(["r1", "r2", "r3"], name="key"),
    )
    for protocol in (2, 4, 5):
        name = path_of(f"pickle/pandas_frame_protocol{protocol}.pkl")
        frame.to_pickle(name, protocol=protocol, compression=None)
        shelf.put(name, "pickle", version, f"DataFrame, protocol {protocol}")
    for ending in ("gz", "bz2", "xz", "zip"):
        name = path_of(f"pickle/pandas_frame.pkl.{ending}")
        frame.to_pickle(name)
        shelf.put(name, "pickle-" + ending, version, "DataFrame, compressed by to_pickle")
    name = path_of("pickle/pandas_series.pkl")
    values = {
        "series": frame["b"],
        "multi": frame.set_index(["a", "c"], append=True)["b"],
        "timestamp": pd.Timestamp("2024-01-01"),
        "delta": pd.Timedelta("1D"),
        "period": pd.period_range("2024-01", periods=2, freq="M"),
        "interval": pd.interval_range(0, 3),
        "range": pd.RangeIndex(5),
        "na": pd.NA,
        "nat": pd.NaT,
        "sparse": pd.Series(pd.arrays.SparseArray([0, 0, 1])),
    }
    with open(name, "wb") as file:
        pickle.dump(values, file)
    shelf.put(name, "pickle", version, "series, indexes, scalars")


def scipy_values(shelf):
    import numpy as np
    import scipy
    import scipy.interpolate
    import scipy.sparse
    import scipy.spatial
    import scipy.stats

    version = "scipy " + scipy.__version__
    dense = np.diag([1.0, 2.0, 3.0])
    values = {kind: getattr(scipy.sparse, kind + "_matrix")(dense) for kind in ("csr", "csc", "coo", "lil", "dok", "bsr", "dia")}
    if hasattr(scipy.sparse, "csr_array"):
        values["csr_array"] = scipy.sparse.csr_array(dense)
    name = path_of("pickle/scipy_sparse.pkl")
    with open(name, "wb") as file:
        pickle.dump(values, file)
    shelf.put(name, "pickle", version, "all sparse layouts")
    name = path_of("pickle/scipy_sparse_protocol2.pkl")
    with open(name, "wb") as file:
        pickle.dump(values["csr"], file, protocol=2)
    shelf.put(name, "pickle", version, "one sparse matrix, protocol 2")
    values = {
        "tree": scipy.spatial.cKDTree(np.arange(20.0).reshape(10, 2)),
        "normal": scipy.stats.norm(0, 1),
        "spline": scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 4]),
    }
    name = path_of("pickle/scipy_objects.pkl")
    with open(name, "wb") as file:
        pickle.dump(values, file)
    shelf.put(name, "pickle", version, "k-d tree, frozen distribution, spline")


def other_picklers(shelf):
    import cloudpickle
    import dill
    import numpy as np

    values = {"weights": np.arange(4.0), "names": ["a", "b"], "epoch": 3}
    name = path_of("pickle/dill_data.pkl")
    with open(name, "wb") as file:
        dill.dump(values, file)
    shelf.put(name, "pickle", "dill " + dill.__version__, "data only")
    name = path_of("pickle/cloudpickle_data.pkl")
    with open(name, "wb") as file:
        cloudpickle.dump(values, file)
    shelf.put(name, "pickle", "cloudpickle " + cloudpickle.__version__, "data only")


def nltk_models(shelf):
    import nltk
    from nltk.classify import NaiveBayesClassifier
    from nltk.tag import DefaultTagger, UnigramTagger
    from nltk.tag.perceptron import AveragedPerceptron
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    version = "nltk " + nltk.__version__
    parameters = PunktParameters()
    parameters.abbrev_types.update(["dr", "mr", "vs"])
    parameters.sent_starters.update(["the"])
    tagged = [[("the", "DT"), ("cat", "NN"), ("sat", "VBD")]]
    brain = AveragedPerceptron()
    brain.weights = {"bias": {"NN": 1.0, "DT": -0.5}}
    brain.classes = {"NN", "DT"}
    models = {
        "punkt": PunktSentenceTokenizer(parameters),
        "unigram_tagger": UnigramTagger(tagged, backoff=DefaultTagger("NN")),
        "naive_bayes": NaiveBayesClassifier.train([({"a": 1}, "x"), ({"a": 0}, "y")]),
        "perceptron_weights": (brain.weights, {"the": "DT"}, brain.classes),
    }
    for kind, model in models.items():
        name = path_of(f"pickle/nltk_{kind}.pickle")
        with open(name, "wb") as file:
            pickle.dump(model, file, protocol=2)
        shelf.put(name, "pickle", version, kind)


FAMILIES = [
    protocols,
    standard_library,
    stacked,
    vocabularies,
    numpy_values,
    pandas_values,
    scipy_values,
    other_picklers,
    nltk_models,
]
