//! Model files as nodes, with what a scan says of them.

use std::collections::BTreeMap;

use super::Builder;
use crate::graph::kinds::model::ModelFile;
use crate::graph::{Node, NodeKind};
use crate::scan::WeightsOnly;
use crate::source::{Place, Span};

impl Builder<'_> {
    pub(super) fn model(&mut self, model: &ModelFile) {
        let report = &model.report;
        let mut attributes = BTreeMap::from([
            ("format", report.format.word().to_owned()),
            ("verdict", report.verdict.word().to_owned()),
        ]);
        if let Some(class) = report.pickle {
            attributes.insert("pickle", class.word().to_owned());
        }
        if let Some(weights_only) = &report.weights_only {
            attributes.insert("weights-only", (*weights_only == WeightsOnly::Loads).to_string());
        }
        self.graph.claim(Node {
            kind: NodeKind::ModelFile,
            key: format!("model-file:{}", report.path),
            name: report.path.clone(),
            version: None,
            purl: None,
            attributes,
            sightings: vec![Place::new(model.file, Span::default())],
        });
    }
}
