"""ONNX models."""

import os

from make import path_of


def version():
    import onnx

    return "onnx " + onnx.__version__


def put(shelf, name, model, note, **options):
    import onnx

    onnx.checker.check_model(model)
    path = path_of(f"onnx/{name}.onnx")
    onnx.save(model, path, **options)
    shelf.put(path, "onnx", version(), note)


def plain(shelf):
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 2])
    weight = numpy_helper.from_array(np.ones((4, 2), dtype="float32"), "w")
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Relu", ["m"], ["y"])],
                              "small", [x], [y], [weight])
    model = helper.make_model(graph, producer_name="tests", opset_imports=[helper.make_opsetid("", 21)])
    helper.set_model_props(model, {"author": "nobody", "labels": "cat,dog"})
    put(shelf, "matmul", model, "initialiser, metadata")
    text = path_of("onnx/matmul.onnxtxt")
    onnx.save(model, text)
    shelf.put(text, "onnx-text", version(), "the same as text")
    text = path_of("onnx/matmul.onnx.json")
    onnx.save(model, text, format="json")
    shelf.put(text, "json", version(), "the same as JSON")

    types = []
    for name, kind in TensorProto.DataType.items():
        if name in ("UNDEFINED", "STRING"):
            continue
        try:
            types.append(helper.make_tensor("t_" + name.lower(), kind, [2], [0, 1] if "COMPLEX" not in name else [0j, 1j]))
        except Exception:  # newer packed types want other data
            continue
    types.append(helper.make_tensor("t_string", TensorProto.STRING, [2], [b"a", b"b"]))
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "types", [x],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 4])], types)
    put(shelf, "tensor_types", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)]), "initialisers of all types")


def external(shelf):
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    folder = "onnx/external"
    os.makedirs(folder)
    weights = [numpy_helper.from_array(np.ones((64, 8), dtype="float32"), f"w{number}") for number in range(2)]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w0"], ["m"]), helper.make_node("MatMul", ["x", "w1"], ["n"]),
         helper.make_node("Add", ["m", "n"], ["y"])], "external",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 8])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    onnx.save(model, f"{folder}/model.onnx", save_as_external_data=True, location="model.onnx.data", size_threshold=0)
    shelf.folder(folder, "onnx", version(), "weights in a file beside", {".data": "raw-tensors"})


def control_flow(shelf):
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    def branch(name, value):
        constant = helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.full(2, value, "float32")))
        return helper.make_graph([constant], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2])])

    node = helper.make_node("If", ["c"], ["y"], then_branch=branch("t", 1), else_branch=branch("e", 0))
    graph = helper.make_graph([node], "if", [helper.make_tensor_value_info("c", TensorProto.BOOL, [])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])])
    put(shelf, "if", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), "If with two subgraphs")

    body = helper.make_graph(
        [helper.make_node("Add", ["v", "one"], ["w"]), helper.make_node("Identity", ["cond"], ["go"])], "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("cond", TensorProto.BOOL, []),
         helper.make_tensor_value_info("v", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("go", TensorProto.BOOL, []), helper.make_tensor_value_info("w", TensorProto.FLOAT, [1])])
    loop = helper.make_node("Loop", ["n", "c", "x"], ["y"], body=body)
    graph = helper.make_graph([loop], "loop",
                              [helper.make_tensor_value_info("n", TensorProto.INT64, []), helper.make_tensor_value_info("c", TensorProto.BOOL, []),
                               helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
                              [numpy_helper.from_array(np.ones(1, "float32"), "one")])
    put(shelf, "loop", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)]), "Loop with a body")


def functions(shelf):
    from onnx import TensorProto, helper

    function = helper.make_function("local.functions", "Twice", ["a"], ["b"], [helper.make_node("Add", ["a", "a"], ["b"])],
                                    [helper.make_opsetid("", 21)])
    graph = helper.make_graph([helper.make_node("Twice", ["x"], ["y"], domain="local.functions")], "functions",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])])
    model = helper.make_model(graph, functions=[function],
                              opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("local.functions", 1)])
    put(shelf, "local_function", model, "function that the model itself defines")
    node = helper.make_node("TreeEnsembleClassifier", ["x"], ["label", "score"], domain="ai.onnx.ml",
                            nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
                            nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5, 0.0, 0.0],
                            nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0],
                            nodes_missing_value_tracks_true=[0, 0, 0], nodes_hitrates=[1.0, 1.0, 1.0],
                            class_treeids=[0, 0], class_nodeids=[1, 2], class_ids=[0, 1], class_weights=[1.0, 1.0],
                            classlabels_strings=["cat", "dog"], post_transform="NONE")
    graph = helper.make_graph([node], "trees", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 1])],
                              [helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
                               helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 2])])
    put(shelf, "trees", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("ai.onnx.ml", 3)]),
        "ai.onnx.ml tree ensemble")
    attention = helper.make_node("FusedMatMul", ["x", "x"], ["y"], domain="com.microsoft", transA=1)
    graph = helper.make_graph([attention], "contrib", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 2])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 2])])
    put(shelf, "contrib", helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]),
        "operator of onnxruntime's own domain")


def from_torch(shelf):
    import torch

    from write_torch import networks, small

    path = path_of("onnx/exported_by_torch.onnx")
    torch.onnx.export(small().eval(), (torch.ones(1, 4),), path, dynamo=True, external_data=False, verbose=False)
    shelf.put(path, "onnx", "torch " + torch.__version__.split("+")[0], "torch.onnx.export")
    try:
        path = path_of("onnx/exported_by_torch_script.onnx")
        torch.onnx.export(networks().Plain(), (torch.ones(1, 1, 8),), path, dynamo=False)
        shelf.put(path, "onnx", "torch " + torch.__version__.split("+")[0], "the older exporter")
    except TypeError:
        pass


FAMILIES = [plain, external, control_flow, functions, from_torch]
