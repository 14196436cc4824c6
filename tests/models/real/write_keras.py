"""Keras: the .keras archive, HDF5 models and HDF5 weights; HDF5 files of other origin."""

from make import path_of


def version():
    import keras

    return "keras " + keras.__version__


def networks():
    import keras
    from keras import layers

    keras.utils.set_random_seed(8)
    yield "sequential", keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dropout(0.1),
                                          layers.Dense(2, activation="softmax")])
    image = layers.Input((6, 6, 1), name="image")
    x = layers.Conv2D(2, 3, activation="relu", kernel_regularizer=keras.regularizers.L2(1e-4))(image)
    x = layers.BatchNormalization()(x)
    x = layers.MaxPooling2D()(x)
    y = layers.Conv2D(2, 1)(x)
    x = layers.Add()([x, y])
    x = layers.GlobalAveragePooling2D()(x)
    yield "functional", keras.Model(image, [layers.Dense(1, name="a")(x), layers.Dense(2, name="b")(x)])
    tokens = layers.Input((5,), dtype="int32")
    x = layers.Embedding(10, 4, mask_zero=False)(tokens)
    x = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(x)
    x = layers.MultiHeadAttention(2, 2)(x, x)
    x = layers.TimeDistributed(layers.Dense(2))(x)
    x = layers.LayerNormalization()(x)
    yield "recurrent", keras.Model(tokens, layers.GRU(2)(x))
    inner = keras.Sequential([layers.Input((4,)), layers.Dense(2)], name="inner")
    outer = layers.Input((4,))
    yield "nested", keras.Model(outer, layers.Activation("tanh")(inner(outer)))
    x = layers.Input((8, 8, 3))
    y = layers.Rescaling(1 / 255)(x)
    y = layers.RandomFlip("horizontal")(y)
    y = layers.SeparableConv2D(2, 3)(y)
    y = layers.PReLU()(y)
    yield "image_steps", keras.Model(x, keras.ops.mean(y, axis=(1, 2)))


def archives(shelf):
    import keras

    for name, model in networks():
        if name == "sequential":
            model.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        path = path_of(f"keras/{name}.keras")
        model.save(path)
        shelf.put(path, "keras", version(), name)
    path = path_of("keras/sequential.weights.h5")
    model = next(networks())[1]
    model.save_weights(path)
    shelf.put(path, "hdf5", version(), "weights only")
    path = path_of("keras/sequential_architecture.json")
    with open(path, "w") as file:
        file.write(model.to_json())
    shelf.put(path, "keras-json", version(), "architecture only")
    normalised = keras.Sequential([keras.layers.Input((2,)), keras.layers.Normalization(mean=[0.0, 1.0], variance=[1.0, 2.0])])
    path = path_of("keras/normalisation.keras")
    normalised.save(path)
    shelf.put(path, "keras", version(), "with a preprocessing layer")


def legacy(shelf):
    for name, model in networks():
        if name in ("sequential", "functional", "nested"):
            path = path_of(f"keras/{name}.h5")
            model.save(path)
            shelf.put(path, "keras-h5", version(), "HDF5 model, " + name)


def version_two(shelf):
    """An HDF5 model as Keras 2 wrote it: configuration and weights under the names of that time."""
    import json

    import h5py
    import numpy as np

    layers = [
        {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "dtype": "float32", "sparse": False, "ragged": False, "name": "dense_input"}},
        {"class_name": "Dense", "config": {"name": "dense", "trainable": True, "dtype": "float32", "units": 2, "activation": "linear", "use_bias": True,
                                           "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}},
                                           "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": None}},
    ]
    config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}
    path = path_of("keras/keras2_style.h5")
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.12.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(config)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"dense"])
        group.attrs["backend"] = "tensorflow"
        dense = group.create_group("dense")
        dense.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
        dense.create_dataset("dense/kernel:0", data=np.ones((4, 2), dtype="f4"))
        dense.create_dataset("dense/bias:0", data=np.zeros(2, dtype="f4"))
    shelf.put(path, "keras-h5", "h5py " + h5py.__version__, "in the style of Keras 2")


def other_hdf5(shelf):
    import h5py
    import numpy as np

    version = "h5py " + h5py.__version__
    for name, options in (("earliest", {"libver": "earliest"}), ("latest", {"libver": "latest"}), ("user_block", {"userblock_size": 512})):
        path = path_of(f"keras/plain_{name}.h5")
        with h5py.File(path, "w", **options) as file:
            group = file.create_group("group")
            group.create_dataset("chunked", data=np.arange(1000.0), chunks=(100,), compression="gzip", shuffle=True)
            group.create_dataset("compact", data=np.arange(3))
            group.create_dataset("text", data="words", dtype=h5py.string_dtype())
            group["soft"] = h5py.SoftLink("/group/compact")
            file.attrs["note"] = "plain data"
            file.create_dataset("compound", data=np.zeros(2, dtype=[("a", "i4"), ("b", "f8")]))
        shelf.put(path, "hdf5", version, "plain data, " + name)


FAMILIES = [archives, legacy, version_two, other_hdf5]
