//! A change is judged by the policy of the tree before it.

use super::Reading;
use crate::graph::Document;

/// Puts the policy of another tree in force, and gives back what the own files say, which holds no longer. Places
/// in the adopted policy are places in the other tree's files, under the same paths.
pub fn adopt_policy(reading: &mut Reading, from: &Reading) -> Vec<Document> {
    let is_policy = |document: &Document| matches!(document, Document::Custody(_));
    let (own, rest) = std::mem::take(&mut reading.documents).into_iter().partition(is_policy);
    reading.documents = rest;
    for document in from.documents.iter().filter(|d| is_policy(d)) {
        let Some(source) = from.sources.get(document.file()) else { continue };
        let id = reading.sources.set_aside(source.path.clone(), source.text.clone());
        let mut document = document.clone();
        document.set_file(id);
        reading.documents.push(document);
    }
    own
}
