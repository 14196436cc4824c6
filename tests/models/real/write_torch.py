"""Files of torch.save, TorchScript, torch.export and torch.package."""

from make import path_of, seed


def version():
    import torch

    return "torch " + torch.__version__.split("+")[0]


def small():
    import torch
    from torch import nn

    seed()
    torch.manual_seed(8)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 2))


def save(shelf, name, value, note, kind="torch-zip", **options):
    import torch

    path = path_of(f"torch/{name}")
    torch.save(value, path, **options)
    shelf.put(path, kind, version(), note)


def state_dicts(shelf):
    state = small().state_dict()
    save(shelf, "state_dict.pt", state, "state dict")
    save(shelf, "state_dict_legacy.pt", state, "state dict, legacy", "torch-legacy", _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        save(shelf, f"state_dict_protocol{protocol}.pt", state, f"protocol {protocol}", pickle_protocol=protocol)
    save(
        shelf,
        "state_dict_legacy_protocol4.pt",
        state,
        "legacy, protocol 4",
        "torch-legacy",
        _use_new_zipfile_serialization=False,
        pickle_protocol=4,
    )
    save(shelf, "pytorch_model.bin", dict(state), "plain dict of tensors")


def modules(shelf):
    from torch import nn

    save(shelf, "module_sequential.pt", small(), "whole module of stock layers")
    save(shelf, "module_legacy.pt", nn.Sequential(nn.Linear(2, 2), nn.Tanh()), "whole module, legacy", "torch-legacy",
         _use_new_zipfile_serialization=False)
    stock = nn.ModuleDict(
        {
            "convolution": nn.Conv2d(1, 2, 3, padding="same"),
            "norm": nn.GroupNorm(1, 2),
            "layer_norm": nn.LayerNorm(4),
            "embedding": nn.Embedding(5, 4),
            "lstm": nn.LSTM(4, 4),
            "gru": nn.GRU(4, 4),
            "attention": nn.MultiheadAttention(4, 2),
            "list": nn.ModuleList([nn.GELU(), nn.SiLU(), nn.Dropout(0.1), nn.Identity(), nn.Softmax(-1)]),
            "pool": nn.AdaptiveAvgPool2d(1),
            "weights": nn.ParameterList([nn.Parameter(small()[0].weight.data)]),
            "up": nn.Upsample(scale_factor=2),
            "flat": nn.Flatten(),
            "loss": nn.CrossEntropyLoss(),
        }
    )
    save(shelf, "module_stock_layers.pt", stock, "stock layers in containers")
    save(shelf, "module_transformer.pt", nn.TransformerEncoderLayer(4, 2, 8), "transformer layer (refers to a function)")
    if not hasattr(nn.utils.parametrizations, "weight_norm"):
        return
    save(shelf, "module_weight_norm.pt", nn.utils.parametrizations.weight_norm(nn.Linear(2, 2)).state_dict(),
         "state dict of a parametrised layer")


def dtypes(shelf):
    import torch

    values = {}
    for name in ("float64 float32 float16 bfloat16 complex64 complex128 int64 int32 int16 int8 uint8 bool "
                 "uint16 uint32 uint64 float8_e4m3fn float8_e5m2 float8_e4m3fnuz float8_e5m2fnuz float8_e8m0fnu").split():
        kind = getattr(torch, name, None)
        if kind is not None:
            values[name] = torch.zeros(3).to(kind)
    save(shelf, "dtypes.pt", values, "tensors of all number types")
    save(shelf, "dtype_values.pt", {"dtypes": [torch.float32, torch.bfloat16, torch.int8], "layout": torch.strided,
                                    "scheme": torch.per_tensor_affine}, "number types and layouts as values")
    save(shelf, "dtypes_legacy.pt", {k: v for k, v in values.items() if k in ("float32", "int64", "bool", "float16", "bfloat16")},
         "legacy", "torch-legacy", _use_new_zipfile_serialization=False)
    if hasattr(torch, "float4_e2m1fn_x2"):
        save(shelf, "low_bits.pt", torch.zeros(4, dtype=torch.uint8).view(torch.float4_e2m1fn_x2), "float4")


def quantized(shelf):
    import torch

    x = torch.arange(6.0).reshape(2, 3)
    values = {
        "tensor": torch.quantize_per_tensor(x, 0.1, 10, torch.quint8),
        "channel": torch.quantize_per_channel(x, torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.qint8),
    }
    save(shelf, "quantized.pt", values, "quantised tensors")


def layouts(shelf):
    import torch
    import warnings

    warnings.simplefilter("ignore")
    x = torch.tensor([[0.0, 1.0], [2.0, 0.0]])
    save(shelf, "sparse_coo.pt", x.to_sparse(), "sparse COO tensor")
    compressed = {"csr": x.to_sparse_csr(), "csc": x.to_sparse_csc()}
    if torch.__version__ >= "2":
        compressed["bsr"] = x.to_sparse_bsr((1, 1))
    save(shelf, "sparse_compressed.pt", compressed, "compressed sparse tensors")
    base = torch.arange(24.0)
    save(shelf, "views.pt", {
        "strided": base.as_strided((3, 2), (5, 2), 1),
        "expanded": base[:1].expand(4, 4),
        "transposed": base.reshape(4, 6).t(),
        "slice": base[5:9],
        "same": base,
        "channels_last": torch.zeros(1, 2, 3, 3).to(memory_format=torch.channels_last),
        "empty": torch.empty(0, 3),
        "scalar": torch.tensor(1.5),
        "conjugate": torch.tensor([1 + 2j]).conj(),
        "negative": torch.tensor([1 + 2j]).conj().imag,
    }, "views that share storage")
    if not hasattr(torch, "nested"):
        return
    nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
    save(shelf, "nested_strided.pt", nested, "nested tensor, strided")
    jagged = torch.nested.nested_tensor([torch.ones(2, 2), torch.ones(3, 2)], layout=torch.jagged)
    save(shelf, "nested_jagged.pt", jagged, "nested tensor, jagged")
    save(shelf, "meta.pt", torch.empty(3, device="meta"), "tensor on the meta device")


def other_values(shelf):
    import collections

    import torch

    parameter = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    parameter.note = "an attribute of its own"
    values = {"plain": torch.nn.Parameter(torch.ones(2)), "with_state": parameter}
    if hasattr(torch.nn, "Buffer"):
        values["buffer"] = torch.nn.Buffer(torch.ones(2))
    save(shelf, "parameter.pt", values, "Parameter and Buffer")
    save(shelf, "size_device.pt", {"size": torch.Size([1, 2]), "device": torch.device("cpu"), "gpu": torch.device("cuda:1")},
         "Size and device")
    save(shelf, "generator_state.pt", {"state": torch.get_rng_state(), "generator": torch.Generator().get_state()}, "generator state")
    save(shelf, "storage.pt", getattr(torch.arange(4.0), "untyped_storage", torch.arange(4.0).storage)(), "a storage without a tensor")
    save(shelf, "plain_data.pt", {"a": 1, "b": [1.5, "x", None, True, b"bytes", 2**70], "c": (1, {2, 3}), "d": 1 + 2j}, "no tensor at all")
    save(shelf, "ordered.pt", collections.OrderedDict(a=torch.ones(1), b=collections.Counter("abc")), "OrderedDict and Counter")
    save(shelf, "one_tensor.pt", torch.arange(10), "one tensor")
    save(shelf, "tensor_with_grad.pt", torch.ones(3, requires_grad=True), "requires_grad")
    hooked = torch.ones(2)
    hooked.tag = "python attribute"
    save(shelf, "tensor_attribute.pt", hooked, "tensor with an attribute (rebuilt from its type)")
    save(shelf, "byte_order.pt", torch.arange(3.0), "second file of one tensor, float")


def optimizers(shelf):
    import torch

    for kind, options in (("AdamW", {}), ("SGD", {"momentum": 0.9}), ("RMSprop", {}), ("Adagrad", {}), ("LBFGS", {})):
        model = small()
        optimizer = getattr(torch.optim, kind)(model.parameters(), lr=0.01, **options)

        def step():
            optimizer.zero_grad()
            loss = model(torch.ones(3, 4)).sum()
            loss.backward()
            return loss

        optimizer.step(step)
        save(shelf, f"optimizer_{kind.lower()}.pt", optimizer.state_dict(), "state dict of an optimiser")
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 2)
    save(shelf, "scheduler_step.pt", scheduler.state_dict(), "state dict of a scheduler")
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(torch.optim.SGD(small().parameters(), lr=0.1), 10)
    save(shelf, "scheduler_cosine.pt", cosine.state_dict(), "state dict of a scheduler")
    lambda_rate = torch.optim.lr_scheduler.OneCycleLR(torch.optim.SGD(small().parameters(), lr=0.1, momentum=0.9), 0.2, 10)
    save(shelf, "scheduler_one_cycle.pt", lambda_rate.state_dict(),
         "state dict of a scheduler (older releases keep a method of a stock class, by getattr)")


def numpy_inside(shelf):
    import numpy as np
    import torch

    save(shelf, "numpy_array.pt", {"array": np.arange(4.0), "weights": torch.ones(2)}, "numpy array beside tensors")
    save(shelf, "numpy_scalar.pt", {"best": np.float64(0.9), "step": np.int64(3)}, "numpy scalars")
    save(shelf, "numpy_array_protocol4.pt", np.arange(4), "numpy array, protocol 4", pickle_protocol=4)
    save(shelf, "numpy_legacy.pt", {"array": np.arange(4.0)}, "numpy array, legacy", "torch-legacy", _use_new_zipfile_serialization=False)


def argument_spaces(shelf):
    import argparse
    import datetime
    import enum
    import pathlib

    import torch

    namespace = argparse.Namespace(lr=0.1, layers=[1, 2], resume=None)
    save(shelf, "namespace.pt", {"args": namespace, "model": small().state_dict()}, "argparse.Namespace in a checkpoint")
    save(shelf, "path_and_date.pt", {"path": pathlib.PurePosixPath("runs/1"), "date": datetime.datetime(2024, 1, 1)}, "path and date")
    assert enum and torch


SCRIPT = '''
import torch
from typing import Dict, List, Optional

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(4, 8)
        self.second = torch.nn.Linear(8, 2)
        self.names: List[str] = ["a", "b"]

    def forward(self, x: torch.Tensor, scale: Optional[float] = None) -> Dict[str, torch.Tensor]:
        y = torch.relu(self.first(x))
        if scale is not None:
            y = y * scale
        for _ in range(2):
            y = y + 1
        return {self.names[0]: self.second(y)}

class Plain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv1d(1, 2, 3)

    def forward(self, x):
        return self.layer(x).mean(-1)
'''


def networks():
    """Classes whose source has the neutral name model.py, since TorchScript keeps it."""
    import linecache
    import sys
    import types

    module = types.ModuleType("model")
    linecache.cache["model.py"] = (len(SCRIPT), None, SCRIPT.splitlines(True), "model.py")
    module.__file__ = "model.py"
    sys.modules["model"] = module
    exec(compile(SCRIPT, "model.py", "exec"), module.__dict__)
    return module


def script(shelf):
    import torch

    module = networks()
    seed()
    for name, made in (
        ("scripted", torch.jit.script(module.Net())),
        ("traced", torch.jit.trace(module.Plain(), torch.ones(1, 1, 8))),
        ("scripted_sequential", torch.jit.script(small().eval())),
    ):
        path = path_of(f"torch/script_{name}.pt")
        torch.jit.save(made, path)
        shelf.put(path, "torchscript", version(), name)
    frozen = torch.jit.freeze(torch.jit.script(small().eval()))
    path = path_of("torch/script_frozen.pt")
    torch.jit.save(frozen, path, _extra_files={"labels.txt": "cat\ndog\n"})
    shelf.put(path, "torchscript", version(), "frozen, with an extra file")
    path = path_of("torch/script_lite.ptl")
    torch.jit.script(small().eval())._save_for_lite_interpreter(path)
    shelf.put(path, "torchscript", version(), "for the lite interpreter")


def exported(shelf):
    import torch

    module = networks()
    program = torch.export.export(module.Plain(), (torch.ones(1, 1, 8),))
    path = path_of("torch/exported.pt2")
    torch.export.save(program, path)
    shelf.put(path, "torch-export", version(), "torch.export")
    program = torch.export.export(small().eval(), (torch.ones(2, 4),))
    path = path_of("torch/exported_sequential.pt2")
    torch.export.save(program, path)
    shelf.put(path, "torch-export", version(), "torch.export")


def packages(shelf):
    import torch
    from torch.package import PackageExporter

    path = path_of("torch/package.pt")
    with PackageExporter(path) as exporter:
        exporter.extern("torch.**")
        exporter.save_pickle("data", "weights.pkl", {"a": torch.ones(3), "b": [1, 2]})
        exporter.save_text("data", "notes.txt", "weights only")
    shelf.put(path, "torch-package", version(), "torch.package with data only")


def distributed(shelf):
    import torch
    import torch.distributed.checkpoint as checkpoint

    import os

    folder = "torch/distributed"
    os.makedirs(folder)
    state = {"model": small().state_dict(), "step": torch.tensor(3), "epoch": 2}
    checkpoint.save(state, checkpoint_id=folder, no_dist=True)
    shelf.folder(folder, "torch-distributed", version(), "torch.distributed.checkpoint",
                 {".metadata": "pickle", ".distcp": "torch-distcp"})


def torchvision_model(shelf):
    import torchvision

    model = torchvision.models.squeezenet1_1(num_classes=2)
    path = path_of("torch/torchvision_squeezenet.pth")
    import torch

    torch.save(model.state_dict(), path)
    shelf.put(path, "torch-zip", "torchvision " + torchvision.__version__, "state dict of a known network")
    path = path_of("torch/torchvision_squeezenet_whole.pth")
    torch.save(model, path)
    shelf.put(path, "torch-zip", "torchvision " + torchvision.__version__, "the whole network")
    model = torchvision.ops.MLP(4, [8, 2])
    path = path_of("torch/torchvision_mlp_whole.pth")
    torch.save(model, path)
    shelf.put(path, "torch-zip", "torchvision " + torchvision.__version__, "a whole stock module of torchvision")


FAMILIES = [
    state_dicts,
    modules,
    dtypes,
    quantized,
    layouts,
    other_values,
    optimizers,
    numpy_inside,
    argument_spaces,
    script,
    exported,
    packages,
    distributed,
    torchvision_model,
]
