//! Links out of a folder, in the place of files that a model beside them names.
//!
//! A loader that checks the name of a file and not where it leads reads whatever whoever made the folder chose, and
//! puts its bytes into the model.

use std::collections::BTreeSet;

use super::{FileReport, Format, Rule, Severity, Verdict};
use crate::source::Folder;

static LINK_OUT: Rule = Rule {
    id: "link-out",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A file beside a model is a link out of its folder",
    help: "Loaders follow it and put the bytes of the other file into the model. Put the file itself in its place.",
};

pub(super) const RULES: &[&Rule] = &[&LINK_OUT];

/// Whether files of a format name others that are read with them.
fn names_others(format: Format) -> bool {
    matches!(
        format,
        Format::Onnx
            | Format::OpenVino
            | Format::SavedModel
            | Format::CoreMl
            | Format::ShardIndex
            | Format::ModelConfig
            | Format::Tokenizer
            | Format::Mlflow
    )
}

/// Whether content is what a link of somebody's to his own models leads to, and is judged by itself.
fn is_model(format: Format) -> bool {
    !matches!(
        format,
        Format::Unknown
            | Format::Empty
            | Format::Json
            | Format::Xml
            | Format::Python
            | Format::Text
            | Format::Data
            | Format::NativeCode
            | Format::Template
    )
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Tells links that lead out of a folder. Reports are those of its files; `prefix` stands before their paths.
pub fn links(folder: &dyn Folder, prefix: &str, reports: &mut [FileReport]) {
    let naming: BTreeSet<String> = reports
        .iter()
        .filter(|report| names_others(report.format))
        .filter_map(|report| Some(folder_of(report.path.strip_prefix(prefix)?).to_owned()))
        .collect();
    for report in reports.iter_mut().filter(|report| !is_model(report.format)) {
        let Some(path) = report.path.strip_prefix(prefix) else { continue };
        let Some(target) = folder.leads_out(path) else { continue };
        // Those who name it lie beside it or above.
        let mut around = std::iter::successors(Some(folder_of(path)), |at| (!at.is_empty()).then(|| folder_of(at)));
        if around.any(|at| naming.contains(at)) {
            let message = format!("it is a link to `{target}`, out of the folder");
            report.add(&LINK_OUT, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::{Limits, file};
    use crate::source::Bytes;

    struct Linked(Vec<String>);

    impl Folder for Linked {
        fn files(&self) -> &[String] {
            &self.0
        }

        fn open(&self, _path: &str) -> Result<Box<dyn Bytes + '_>, String> {
            Err("not asked".to_owned())
        }

        fn leads_out(&self, path: &str) -> Option<String> {
            path.ends_with("link").then(|| "/etc/hostname".to_owned())
        }
    }

    #[test]
    fn links_are_told_where_a_model_may_name_them() {
        let report = |path: &str, format| {
            let mut report = file(&"text".as_bytes(), path, &Limits::default());
            report.format = format;
            report
        };
        let mut reports = vec![
            report("x/a/m.onnx", Format::Onnx),
            report("x/a/b/link", Format::Text),
            report("x/a/gguf.link", Format::Gguf),
            report("x/a/w.bin", Format::Data),
            report("x/c/link", Format::Text),
        ];
        links(&Linked(Vec::new()), "x/", &mut reports);
        let told: Vec<&str> =
            reports.iter().filter(|r| r.verdict == Verdict::Suspicious).map(|r| r.path.as_str()).collect();
        assert_eq!(told, ["x/a/b/link"]);
        assert_eq!(reports[1].findings[0].rule.id, "link-out");
    }
}
