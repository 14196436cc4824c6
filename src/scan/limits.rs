//! How much work one file may cause. Counted in bytes and items, never in time.

/// Limits for one file of a scan and all that is packed in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that come out of decompression, all parts together. Bytes that are stored as they are cost none.
    pub decoded: u64,
    /// How often its own size one packed part may unpack to, beyond [`Limits::decoded_free`].
    pub ratio: u64,
    /// Bytes that every packed part may unpack to, however small it is.
    pub decoded_free: u64,
    /// Parts of all containers together: members of archives, nested pickles, blocks.
    pub parts: usize,
    /// Containers within containers.
    pub depth: usize,
    /// Nodes of documents (JSON, XML, protobuf messages, templates, HDF5 objects), all parts together.
    pub nodes: usize,
    /// Bytes of one text that is parsed as a whole: a header, a configuration, a template.
    pub text: usize,
    /// Findings kept of one file; more are counted.
    pub findings: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            decoded: 4 << 30,
            ratio: 250,
            decoded_free: 16 << 20,
            parts: 200_000,
            depth: 12,
            nodes: 5_000_000,
            text: 32 << 20,
            findings: 200,
        }
    }
}
