"""TensorFlow: SavedModel, GraphDef, TFLite, checkpoints and Keras files by the TensorFlow backend."""

import io
import os
import zipfile

from make import path_of


def version():
    import tensorflow

    return "tensorflow " + tensorflow.__version__


PARTS = {".pb": "savedmodel", ".index": "tf-checkpoint", ".data-00000-of-00001": "tf-checkpoint", "checkpoint": "text"}


def saved_models(shelf):
    import tensorflow as tf

    class Small(tf.Module):
        def __init__(self):
            self.w = tf.Variable(tf.ones((4, 2)), name="w")

        @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32)])
        def __call__(self, x):
            return {"y": tf.nn.relu(x @ self.w)}

    tf.random.set_seed(8)
    model = Small()
    folder = "tensorflow/saved_module"
    tf.saved_model.save(model, folder, signatures=model.__call__)
    shelf.folder(folder, "savedmodel", version(), "tf.Module", PARTS)

    vocabulary = path_of("vocabulary.txt")
    with open(vocabulary, "w") as file:
        file.write("cat\ndog\n")

    class Lookup(tf.Module):
        def __init__(self):
            self.table = tf.lookup.StaticVocabularyTable(
                tf.lookup.TextFileInitializer(vocabulary, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64,
                                              tf.lookup.TextFileIndex.LINE_NUMBER), 1)

        @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
        def __call__(self, words):
            return {"ids": self.table.lookup(words)}

    model = Lookup()
    folder = "tensorflow/saved_lookup"
    tf.saved_model.save(model, folder, signatures=model.__call__)
    shelf.folder(folder, "savedmodel", version(), "vocabulary as an asset", PARTS)


def keras_models(shelf):
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(8)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3, activation="relu"), keras.layers.Dense(2)])
    model.compile("adam", "mse")
    model.fit(tf.ones((4, 4)), tf.ones((4, 2)), verbose=0)
    path = path_of("tensorflow/trained.keras")
    model.save(path)
    shelf.put(path, "keras", version(), "trained, with the optimiser's state")
    path = path_of("tensorflow/trained.h5")
    model.save(path)
    shelf.put(path, "keras-h5", version(), "trained, with the optimiser's state")
    folder = "tensorflow/exported"
    model.export(folder, verbose=False)
    shelf.folder(folder, "savedmodel", version(), "Model.export", PARTS)
    words = keras.layers.TextVectorization(max_tokens=10, vocabulary=["cat", "dog"])
    text = keras.Sequential([keras.Input((1,), dtype="string"), words, keras.layers.Embedding(10, 2)])
    path = path_of("tensorflow/text_steps.keras")
    text.save(path)
    shelf.put(path, "keras", version(), "TextVectorization with its vocabulary")


def lite(shelf):
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(8)
    model = keras.Sequential([keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3, activation="relu"),
                              keras.layers.Flatten(), keras.layers.Dense(2, activation="softmax")])
    function = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec((1, 8, 8, 1), tf.float32))
    for name, optimise in (("float", False), ("quantised", True)):
        converter = tf.lite.TFLiteConverter.from_concrete_functions([function], model)
        if optimise:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        path = path_of(f"tensorflow/{name}.tflite")
        with open(path, "wb") as file:
            file.write(converter.convert())
        shelf.put(path, "tflite", version(), name)
    stream = io.BytesIO()
    with open("tensorflow/float.tflite", "rb") as file:
        stream.write(file.read())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(zipfile.ZipInfo("labels.txt"), "cat\ndog\n")
    path = path_of("tensorflow/with_labels.tflite")
    with open(path, "wb") as file:
        file.write(stream.getvalue())
    shelf.put(path, "tflite", version(), "labels in a zip at the end, as TFLite metadata has them")


def graphs(shelf):
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    w = tf.Variable(tf.ones((4, 2)))
    function = tf.function(lambda x: tf.nn.softmax(x @ w)).get_concrete_function(tf.TensorSpec((None, 4), tf.float32))
    frozen = convert_variables_to_constants_v2(function)
    tf.io.write_graph(frozen.graph, ".", path_of("tensorflow/frozen.pb"), as_text=False)
    shelf.put("tensorflow/frozen.pb", "graphdef", version(), "frozen graph")
    tf.io.write_graph(frozen.graph, ".", "tensorflow/frozen.pbtxt", as_text=True)
    shelf.put("tensorflow/frozen.pbtxt", "graphdef-text", version(), "the same as text")
    old = tf.compat.v1
    with tf.Graph().as_default() as graph, old.Session(graph=graph) as session:
        x = old.placeholder(tf.float32, (None, 4), "x")
        v = old.get_variable("v", (4, 2), initializer=old.ones_initializer())
        y = tf.matmul(x, v)
        session.run(old.global_variables_initializer())
        saver = old.train.Saver()
        saver.save(session, path_of("tensorflow/checkpoint1/model.ckpt"))
        folder = "tensorflow/saved_version1"
        builder = old.saved_model.Builder(folder)
        signature = old.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save()
    shelf.folder("tensorflow/checkpoint1", "tf-checkpoint", version(), "checkpoint of a session with its MetaGraph",
                 {**PARTS, ".meta": "metagraph"})
    shelf.folder(folder, "savedmodel", version(), "in the form of TensorFlow 1", PARTS)


def checkpoints(shelf):
    import tensorflow as tf

    checkpoint = tf.train.Checkpoint(w=tf.Variable(tf.ones((2, 2))), step=tf.Variable(3))
    checkpoint.write(path_of("tensorflow/checkpoint2/model"))
    shelf.folder("tensorflow/checkpoint2", "tf-checkpoint", version(), "tf.train.Checkpoint", PARTS)
    path = path_of("tensorflow/examples.tfrecord")
    with tf.io.TFRecordWriter(path) as writer:
        for number in range(3):
            feature = {"n": tf.train.Feature(int64_list=tf.train.Int64List(value=[number]))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    shelf.put(path, "tfrecord", version(), "three examples")


FAMILIES = [saved_models, keras_models, lite, graphs, checkpoints]
