"""Formats of exchange and of serving: PMML, Core ML, OpenVINO, MAR, MLflow, NeMo, llamafile."""

import io
import json
import os
import pickle
import tarfile
import zipfile

from make import path_of, seed

PMML = """<?xml version="1.0" encoding="UTF-8"?>
<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">
  <Header copyright="nobody" description="{note}"><Application name="tests" version="1"/><Timestamp>2024-01-01T00:00:00Z</Timestamp></Header>
  <DataDictionary numberOfFields="3">
    <DataField name="x1" optype="continuous" dataType="double"/>
    <DataField name="x2" optype="continuous" dataType="double"/>
    <DataField name="y" optype="{optype}" dataType="{kind}">{values}</DataField>
  </DataDictionary>
  {body}
</PMML>
"""
SCHEMA = '<MiningSchema><MiningField name="x1"/><MiningField name="x2"/><MiningField name="y" usageType="target"/></MiningSchema>'


def pmml(shelf):
    regression = f"""<RegressionModel functionName="regression" modelName="linear">{SCHEMA}
    <RegressionTable intercept="0.5"><NumericPredictor name="x1" coefficient="1.5"/><NumericPredictor name="x2" coefficient="-2"/></RegressionTable>
  </RegressionModel>"""
    tree = f"""<TransformationDictionary><DefineFunction name="twice" optype="continuous" dataType="double"><ParameterField name="v"/><Apply function="*"><FieldRef field="v"/><Constant dataType="double">2</Constant></Apply></DefineFunction></TransformationDictionary>
  <TreeModel functionName="classification" splitCharacteristic="binarySplit">{SCHEMA}
    <Output><OutputField name="probability" feature="probability" value="yes" optype="continuous" dataType="double"/></Output>
    <Node score="yes"><True/>
      <Node score="no"><SimplePredicate field="x1" operator="lessOrEqual" value="0.5"/></Node>
      <Node score="yes"><SimplePredicate field="x1" operator="greaterThan" value="0.5"/></Node>
    </Node>
  </TreeModel>"""
    for name, body, optype, kind, values in (("linear", regression, "continuous", "double", ""),
                                             ("tree", tree, "categorical", "string", '<Value value="yes"/><Value value="no"/>')):
        path = path_of(f"exchange/{name}.pmml")
        with open(path, "w") as file:
            file.write(PMML.format(note=name, body=body, optype=optype, kind=kind, values=values))
        shelf.put(path, "pmml", "by hand (PMML 4.4)", name)


def core_ml(shelf):
    import coremltools as ct
    import numpy as np
    from coremltools.models import datatypes
    from coremltools.models.neural_network import NeuralNetworkBuilder

    version = "coremltools " + ct.__version__
    builder = NeuralNetworkBuilder([("x", datatypes.Array(4))], [("y", datatypes.Array(2))])
    builder.add_inner_product("dense", np.ones((2, 4)), np.zeros(2), 4, 2, True, "x", "m")
    builder.add_activation("relu", "RELU", "m", "y")
    path = path_of("exchange/network.mlmodel")
    with open(path, "wb") as file:
        file.write(builder.spec.SerializeToString())
    shelf.put(path, "coreml", version, "neural network")
    from coremltools.proto import Model_pb2

    spec = Model_pb2.Model()
    spec.specificationVersion = 1
    spec.description.predictedFeatureName = "y"
    feature = spec.description.input.add()
    feature.name = "x"
    feature.type.multiArrayType.shape.append(2)
    feature.type.multiArrayType.dataType = 65568
    feature = spec.description.output.add()
    feature.name = "y"
    feature.type.doubleType.SetInParent()
    spec.description.metadata.author = "nobody"
    spec.description.metadata.userDefined["note"] = "plain"
    regressor = spec.glmRegressor
    regressor.weights.add().value.extend([1.5, -2.0])
    regressor.offset.append(0.5)
    path = path_of("exchange/regressor.mlmodel")
    with open(path, "wb") as file:
        file.write(spec.SerializeToString())
    shelf.put(path, "coreml", version, "linear regressor")
    folder = "exchange/network.mlpackage"
    os.makedirs(f"{folder}/Data/com.apple.CoreML/weights")
    with open(f"{folder}/Data/com.apple.CoreML/model.mlmodel", "wb") as file:
        file.write(builder.spec.SerializeToString())
    with open(f"{folder}/Data/com.apple.CoreML/weights/weight.bin", "wb") as file:
        file.write(bytes(128))
    with open(f"{folder}/Manifest.json", "w") as file:
        json.dump({"fileFormatVersion": "1.0.0", "rootModelIdentifier": "1111", "itemInfoEntries": {
            "1111": {"author": "com.apple.CoreML", "description": "CoreML Model Specification", "name": "model.mlmodel", "path": "com.apple.CoreML/model.mlmodel"},
            "2222": {"author": "com.apple.CoreML", "description": "CoreML Model Weights", "name": "weights", "path": "com.apple.CoreML/weights"}}}, file, indent=2)
    shelf.folder(folder, "coreml", version, "package with manifest", {".mlmodel": "coreml", ".bin": "raw-tensors"})


def openvino_ir(shelf):
    import numpy as np
    import openvino as ov
    from openvino import opset13 as ops

    version = "openvino " + ov.__version__.split("-")[0]
    x = ops.parameter([1, 4], np.float32, name="x")
    product = ops.matmul(x, ops.constant(np.ones((4, 2), dtype=np.float32)), False, False)
    model = ov.Model([ops.relu(product)], [x], "small")
    folder = "exchange/openvino"
    os.makedirs(folder)
    ov.save_model(model, f"{folder}/model.xml", compress_to_fp16=False)
    shelf.folder(folder, "openvino", version, "IR with its weights", {".xml": "openvino", ".bin": "raw-tensors"})


def archive_for_serving(shelf):
    """The layout of torch-model-archiver, with a handler of the server's own."""
    import torch

    from write_torch import small

    state = io.BytesIO()
    torch.save(small().state_dict(), state)
    manifest = {"createdOn": "01/01/2024 00:00:00", "runtime": "python", "archiverVersion": "0.12.0",
                "model": {"modelName": "small", "modelVersion": "1.0", "serializedFile": "weights.pt", "handler": "image_classifier"}}
    path = path_of("exchange/small.mar")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("MAR-INF/MANIFEST.json", json.dumps(manifest, indent=2))
        archive.writestr("weights.pt", state.getvalue())
        archive.writestr("index_to_name.json", json.dumps({"0": "cat", "1": "dog"}))
    shelf.put(path, "mar", "layout of torch-model-archiver", "state dict and a stock handler")


def mlflow_models(shelf):
    import mlflow
    import mlflow.sklearn
    from sklearn.linear_model import LogisticRegression

    from write_sklearn import data

    version = "mlflow " + mlflow.__version__
    x, y = data()
    folder = path_of("exchange/mlflow_sklearn")
    options = {"pip_requirements": ["scikit-learn"]}
    mlflow.sklearn.save_model(LogisticRegression().fit(x, y), folder, serialization_format="cloudpickle", **options)
    shelf.folder(folder, "mlflow", version, "scikit-learn flavour", {"MLmodel": "mlflow"})
    folder = path_of("exchange/mlflow_sklearn_pickle")
    mlflow.sklearn.save_model(LogisticRegression().fit(x, y), folder, serialization_format="pickle", **options)
    shelf.folder(folder, "mlflow", version, "scikit-learn flavour, plain pickle", {"MLmodel": "mlflow"})


def nemo(shelf):
    import torch

    from write_torch import small, version

    seed()
    weights = io.BytesIO()
    torch.save(small().state_dict(), weights)
    config = ("target: nemo.collections.asr.models.EncDecCTCModel\nnemo_version: 1.20.0\nsample_rate: 16000\n"
              "encoder:\n  _target_: nemo.collections.asr.modules.ConvASREncoder\n  feat_in: 64\n"
              "optim:\n  name: novograd\n  lr: 0.01\n  betas: [0.8, 0.5]\n")
    for ending, mode in (("tar", "w"), ("gz", "w:gz")):
        path = path_of(f"exchange/speech_{ending}.nemo")
        with tarfile.open(path, mode) as archive:
            for name, content in (("./model_config.yaml", config.encode()), ("./model_weights.ckpt", weights.getvalue()), ("./vocab.txt", b"a\nb\n")):
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        shelf.put(path, "nemo", "layout of NeMo; weights by " + version(), ending)


def gensim_models(shelf):
    import gensim
    from gensim.models import Word2Vec

    version = "gensim " + gensim.__version__
    model = Word2Vec([["the", "cat", "sat"], ["the", "dog", "ran"]] * 5, vector_size=4, min_count=1, epochs=1, seed=8, workers=1)
    path = path_of("exchange/word2vec.model")
    model.save(path)
    shelf.put(path, "pickle", version, "Word2Vec.save")
    path = path_of("exchange/vectors.kv")
    model.wv.save(path)
    shelf.put(path, "pickle", version, "KeyedVectors.save")
    path = path_of("exchange/vectors.bin")
    model.wv.save_word2vec_format(path, binary=True)
    shelf.put(path, "word2vec-binary", version, "word2vec's own form")


def more_estimators(shelf):
    import hmmlearn.hmm
    import imblearn
    import imblearn.pipeline
    import numpy as np
    import sklearn.linear_model
    import statsmodels.api as sm

    from write_sklearn import data

    x, y = data()
    for name, version, model in (
        ("hmm", "hmmlearn " + hmmlearn.__version__, hmmlearn.hmm.GaussianHMM(2, n_iter=2, random_state=8).fit(x)),
        ("imblearn_pipeline", "imbalanced-learn " + imblearn.__version__,
         imblearn.pipeline.make_pipeline(imblearn.over_sampling.RandomOverSampler(random_state=8), sklearn.linear_model.LogisticRegression()).fit(x, y)),
        ("statsmodels_ols", "statsmodels " + sm.__version__ if hasattr(sm, "__version__") else "statsmodels", sm.OLS(y, sm.add_constant(x)).fit()),
    ):
        path = path_of(f"exchange/{name}.pkl")
        with open(path, "wb") as file:
            pickle.dump(model, file)
        shelf.put(path, "pickle", version, name)
    assert np is not None


FAMILIES = [pmml, core_ml, openvino_ir, archive_for_serving, mlflow_models, nemo, gensim_models, more_estimators]
