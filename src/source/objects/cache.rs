//! Objects that were decoded a moment ago: the bases of deltas, and trees that two commits share.

use std::collections::HashMap;
use std::sync::Arc;

use gix_object::Kind;

/// A decoded object.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What it is.
    pub(super) kind: Kind,
    /// Its content.
    pub(super) bytes: Arc<Vec<u8>>,
}

/// Where an object lies: the number of its pack and the offset in it.
pub(super) type Spot = (usize, u64);

/// Two generations of objects. When the younger is full it becomes the older, whose objects are
/// dropped unless they are asked for again.
#[derive(Debug)]
pub(super) struct Cache {
    young: HashMap<Spot, Found>,
    old: HashMap<Spot, Found>,
    bytes: usize,
    limit: usize,
}

impl Cache {
    /// Holds at most about `limit` bytes of content.
    pub(super) fn new(limit: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), bytes: 0, limit }
    }

    pub(super) fn get(&mut self, spot: Spot) -> Option<Found> {
        if let Some(found) = self.young.get(&spot) {
            return Some(found.clone());
        }
        let found = self.old.remove(&spot)?;
        self.put(spot, found.clone());
        Some(found)
    }

    pub(super) fn put(&mut self, spot: Spot, found: Found) {
        let size = found.bytes.len() + 128;
        if size > self.limit / 4 {
            return;
        }
        if self.bytes + size > self.limit / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        if self.young.insert(spot, found).is_none() {
            self.bytes += size;
        }
    }
}
