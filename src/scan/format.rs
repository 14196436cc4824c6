//! What a file is, by its content.

macro_rules! formats {
    ($($(#[$doc:meta])* $name:ident => $word:literal,)*) => {
        /// What a file is, by its content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Format { $($(#[$doc])* $name,)* }

        impl Format {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word for it, as the JSON has it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

formats! {
    /// Not known.
    Unknown => "unknown",
    /// Nothing at all.
    Empty => "empty",
    /// A pickle, or several one after the other.
    Pickle => "pickle",
    /// A pickle with arrays within, as joblib writes it.
    Joblib => "joblib",
    /// A zip as `torch.save` writes it.
    Torch => "torch",
    /// Pickles and storages one after the other, as `torch.save` wrote before 1.6.
    TorchLegacy => "torch-legacy",
    /// A zip as `torch.jit.save` writes it.
    TorchScript => "torchscript",
    /// A zip as `torch.export.save` writes it.
    TorchExport => "torch-export",
    /// One array of numpy.
    Npy => "npy",
    /// A zip of arrays of numpy.
    Npz => "npz",
    /// safetensors.
    Safetensors => "safetensors",
    /// GGUF.
    Gguf => "gguf",
    /// ONNX.
    Onnx => "onnx",
    /// A zip as Keras 3 writes it.
    Keras => "keras",
    /// HDF5 that holds a model of Keras.
    KerasHdf5 => "keras-hdf5",
    /// A configuration of Keras as JSON or YAML.
    KerasConfig => "keras-config",
    /// HDF5.
    Hdf5 => "hdf5",
    /// A SavedModel of TensorFlow: the protocol buffer or its folder.
    SavedModel => "saved-model",
    /// A graph of TensorFlow.
    GraphDef => "graph-def",
    /// A meta graph or checkpoint index of TensorFlow.
    TensorflowCheckpoint => "tensorflow-checkpoint",
    /// `TFLite`.
    Tflite => "tflite",
    /// A tar as `NeMo` writes it.
    Nemo => "nemo",
    /// A zip as skops writes it.
    Skops => "skops",
    /// PMML.
    Pmml => "pmml",
    /// A model of Core ML.
    CoreMl => "coreml",
    /// The graph of an `OpenVINO` model.
    OpenVino => "openvino",
    /// An archive of `TorchServe`.
    Mar => "mar",
    /// An `MLmodel` file or its folder.
    Mlflow => "mlflow",
    /// A program that carries its weights.
    Llamafile => "llamafile",
    /// A tokenizer, or its configuration.
    Tokenizer => "tokenizer",
    /// A configuration of a model, processor or generation.
    ModelConfig => "model-config",
    /// A chat template by itself.
    Template => "template",
    /// Which weights lie in which file.
    ShardIndex => "shard-index",
    /// A folder as a model hub keeps it.
    HubRepository => "hub-repository",
    /// A pointer of git LFS in the place of a file.
    LfsPointer => "lfs-pointer",
    /// A zip.
    Zip => "zip",
    /// A tar.
    Tar => "tar",
    /// 7z.
    SevenZip => "7z",
    /// One stream in gzip.
    Gzip => "gzip",
    /// One stream in zlib.
    Zlib => "zlib",
    /// One stream in bzip2.
    Bzip2 => "bzip2",
    /// One stream in xz.
    Xz => "xz",
    /// One stream in LZMA alone.
    Lzma => "lzma",
    /// One stream in Zstandard.
    Zstd => "zstd",
    /// One stream in LZ4 frames.
    Lz4 => "lz4",
    /// Another archive, which is not opened (RAR, cab).
    OtherArchive => "other-archive",
    /// Machine code: ELF, PE, Mach-O, byte code of Python or Java.
    NativeCode => "native-code",
    /// XML of no kind that is known.
    Xml => "xml",
    /// JSON of no kind that is known.
    Json => "json",
    /// Python.
    Python => "python",
    /// Text.
    Text => "text",
    /// Pictures, sound, tables and the like, which no loader executes.
    Data => "data",
}
