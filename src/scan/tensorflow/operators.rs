//! Operators of TensorFlow: which compute, which reach out of the graph, and which nobody knows.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Operators of TensorFlow that compute, keep state within the process, or read and write only what flows into
/// them; and those of its text, forest and decision tree libraries. One a line.
static HARMLESS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| include_str!("operators.txt").lines().collect());

/// How an operator is rated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rating {
    /// It computes.
    Known,
    /// It runs code, or reads, writes or sends what the graph says; what it does.
    Reaches(&'static str),
    /// It may be used to reach out; what it does.
    Doubtful(&'static str),
    /// TensorFlow does not have it.
    Custom,
}

const PYTHON: Rating = Rating::Reaches("calls a function of Python");
const READS: Rating = Rating::Reaches("reads files that the graph names");
const WRITES: Rating = Rating::Reaches("writes files that the graph names");
const SENDS: Rating = Rating::Reaches("talks to an address that the graph names");
const INPUTS: Rating = Rating::Doubtful("reads files as data that the graph names");

/// Rates an operator that no function of the graph defines.
pub(super) fn rate(name: &str) -> Rating {
    // What was tried out before it got its name.
    let plain = name.strip_prefix("Experimental").unwrap_or(name);
    match plain {
        "PyFunc" | "EagerPyFunc" | "PyFuncStateless" => PYTHON,
        "ReadFile" | "MatchingFiles" | "MatchingFilesDataset" | "ImmutableConst" => READS,
        "WriteFile"
        | "SaveDataset"
        | "SaveDatasetV2"
        | "DatasetToTFRecord"
        | "DistributedSave"
        | "DumpTensor"
        | "CreateSummaryFileWriter"
        | "CreateSummaryDbWriter"
        | "CalibrationStatisticsSaver" => WRITES,
        "DebugIdentity"
        | "DebugIdentityV2"
        | "DebugIdentityV3"
        | "DebugNanCount"
        | "DebugNumericSummary"
        | "DebugNumericSummaryV2"
        | "RpcCall"
        | "RpcClient"
        | "RpcServer"
        | "RpcServerRegister"
        | "RpcServerStart"
        | "DataServiceDataset"
        | "DataServiceDatasetV2"
        | "DataServiceDatasetV3"
        | "DataServiceDatasetV4"
        | "RegisterDataset"
        | "RegisterDatasetV2"
        | "FileSystemSetConfiguration" => SENDS,
        "WholeFileReader"
        | "WholeFileReaderV2"
        | "TextLineReader"
        | "TextLineReaderV2"
        | "TFRecordReader"
        | "TFRecordReaderV2"
        | "FixedLengthRecordReader"
        | "FixedLengthRecordReaderV2"
        | "LMDBReader" => INPUTS,
        "TextLineDataset"
        | "TFRecordDataset"
        | "TFRecordDatasetV2"
        | "FixedLengthRecordDataset"
        | "FixedLengthRecordDatasetV2"
        | "CSVDataset"
        | "CSVDatasetV2"
        | "LMDBDataset"
        | "SqlDataset"
        | "LoadDataset"
        | "SnapshotDataset"
        | "SnapshotDatasetV2"
        | "SnapshotDatasetReader"
        | "SnapshotNestedDatasetReader"
        | "SnapshotChunkDataset"
        | "ListSnapshotChunksDataset"
        | "LoadAndRemapMatrix"
        | "GenerateVocabRemapping"
        | "DTensorRestoreV2"
        | "ImportEvent" => INPUTS,
        "RemoteCall" | "RemoteFusedGraphExecute" => Rating::Doubtful("runs a function on another device or machine"),
        "XlaCustomCall" | "XlaCustomCallV2" => Rating::Doubtful("calls native code by a name"),
        "MlirPassthroughOp" | "TRTEngineOp" => Rating::Doubtful("carries a compiled program of its own"),
        "Abort" => Rating::Doubtful("ends the process"),
        _ if HARMLESS.contains(name) || name.starts_with("Addons>") => Rating::Known,
        _ => Rating::Custom,
    }
}

/// The input of an operator that is a path, for those that a saver or a table has in every model.
pub(super) fn path_inputs(name: &str) -> &'static [usize] {
    match name {
        "Save" | "SaveV2" | "SaveSlices" | "Restore" | "RestoreV2" | "RestoreSlice" => &[0],
        "MergeV2Checkpoints" => &[0, 1],
        "InitializeTableFromTextFile" | "InitializeTableFromTextFileV2" | "CacheDataset" | "CacheDatasetV2" => &[1],
        "SimpleMLLoadModelFromPathWithHandle" => &[1],
        _ => &[],
    }
}

/// Whether an operator hands on texts that it was given, and whether its first input begins what comes out.
pub(super) fn hands_on(name: &str) -> Option<bool> {
    Some(match name {
        "Identity" | "StringJoin" | "ShardedFilename" | "ShardedFilespec" | "Snapshot" | "EnsureShape" | "Reshape"
        | "ExpandDims" | "Squeeze" | "StopGradient" | "PreventGradient" | "IdentityN" => true,
        "PlaceholderWithDefault"
        | "Select"
        | "SelectV2"
        | "Pack"
        | "ConcatV2"
        | "Concat"
        | "Fill"
        | "Tile"
        | "Switch"
        | "RefSwitch"
        | "Merge"
        | "GatherV2"
        | "Gather"
        | "StridedSlice"
        | "Slice"
        | "Unpack"
        | "Split"
        | "StringStrip"
        | "StringLower"
        | "StringUpper"
        | "StringFormat"
        | "Substr"
        | "RegexReplace"
        | "StaticRegexReplace"
        | "ReduceJoin"
        | "StringReplace"
        | "AsString"
        | "DecodeBase64"
        | "BroadcastTo" => false,
        _ => return None,
    })
}

/// A text attribute that names a file or an address, and whether the given value does.
pub(super) fn attribute(name: &str, value: &str) -> Option<(&'static str, &'static str, bool)> {
    Some(match name {
        "PrintV2" => ("output_stream", "is written to", value.starts_with("file:")),
        "DecodeProtoV2" | "EncodeProto" => {
            let is_own = value.is_empty() || value.starts_with("local://") || value.starts_with("bytes://");
            ("descriptor_source", "is read", !is_own)
        }
        "FixedUnigramCandidateSampler" => ("vocab_file", "is read", !value.is_empty()),
        "Skipgram" => ("filename", "is read", !value.is_empty()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_rated() {
        for name in [
            "MatMul",
            "SaveV2",
            "RestoreV2",
            "MergeV2Checkpoints",
            "StatefulPartitionedCall",
            "_Arg",
            "TFText>FastBertNormalize",
        ] {
            assert_eq!(rate(name), Rating::Known, "{name}");
        }
        assert_eq!(rate("EagerPyFunc"), PYTHON);
        assert_eq!(rate("ExperimentalMatchingFilesDataset"), READS);
        assert!(matches!(rate("TextLineDataset"), Rating::Doubtful(_)));
        assert_eq!(rate("ExampleZeroOut"), Rating::Custom);
        assert_eq!(rate("Experimental"), Rating::Custom);
        // Nothing that reaches out stands among the harmless.
        for name in HARMLESS.iter() {
            assert_eq!(rate(name), Rating::Known, "{name}");
        }
    }
}
