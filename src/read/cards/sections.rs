//! What the headings of a card say that follows.

/// What a part of a card tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Field {
    /// What it is.
    Description,
    /// What it is for.
    Intended,
    /// What it is not for.
    OutOfScope,
    /// What it cannot do.
    Limits,
    /// Risks to people.
    Ethics,
    /// Bias.
    Bias,
    /// How it was trained.
    Training,
    /// How data was prepared.
    Preprocessing,
    /// What training cost.
    Energy,
    /// How data was collected.
    Collection,
    /// What is sensitive in data.
    Sensitive,
    /// How data was made anonymous.
    Anonymisation,
    /// How it is renewed.
    Updates,
}

/// Headings below which nothing stands that is told.
const NOTHING: &[&str] = &[
    "acknowledg",
    "authors",
    "bibtex",
    "changelog",
    "citation",
    "contact",
    "contribut",
    "download",
    "evaluation",
    "example usage",
    "get started",
    "getting started",
    "glossary",
    "how to",
    "install",
    "licen",
    "model examination",
    "quick start",
    "quickstart",
    "references",
    "results",
    "run with",
    "sample",
    "technical specification",
    "usage example",
];

/// What a heading says of the text below it: none where it says nothing and what stands around it counts, an empty
/// list where nothing of it is told.
pub(super) fn fields_of(title: &str) -> Option<Vec<Field>> {
    let title = normal(title);
    let has = |word: &str| title.contains(word);
    let mut out = Vec::new();
    let is_out = ["out of scope", "misuse", "malicious", "prohibited", "unsupported use", "should not be used"]
        .iter()
        .any(|word| has(word));
    if is_out {
        out.push(Field::OutOfScope);
    }
    let is_use = [
        "intended use",
        "intended usage",
        "intended purpose",
        "direct use",
        "downstream use",
        "use case",
        "primary use",
        "intended audience",
    ]
    .iter()
    .any(|word| has(word))
        || matches!(
            title.as_str(),
            "uses" | "use" | "supported tasks" | "supported tasks and leaderboards" | "applications"
        );
    if is_use && !is_out {
        out.push(Field::Intended);
    }
    if has("limitation") || title == "caveats and recommendations" || has("known issues") {
        out.push(Field::Limits);
    }
    if has("bias") || has("fairness") {
        out.push(Field::Bias);
    }
    if has("ethic")
        || has("social impact")
        || has("societal impact")
        || has("responsible ai")
        || has("risk")
        || title == "safety"
        || has("safety considerations")
    {
        out.push(Field::Ethics);
    }
    if has("sensitive information") || has("personal data") || has("personal information") || has("privacy") {
        out.push(Field::Sensitive);
    }
    if has("anonymi") || has("de identification") {
        out.push(Field::Anonymisation);
    }
    if has("environmental impact") || has("carbon") || has("energy consumption") {
        out.push(Field::Energy);
    }
    if !out.is_empty() {
        return Some(out);
    }
    if has("preprocessing")
        || has("pre processing")
        || has("data processing")
        || has("data cleaning")
        || has("data preparation")
    {
        return Some(vec![Field::Preprocessing]);
    }
    if [
        "source data",
        "data collection",
        "collection process",
        "curation rationale",
        "data source",
        "dataset creation",
        "annotation",
    ]
    .iter()
    .any(|word| has(word))
    {
        return Some(vec![Field::Collection]);
    }
    let is_training = [
        "training data",
        "training procedure",
        "training detail",
        "training regime",
        "training process",
        "training hyperparameter",
        "training setup",
        "training set",
        "training config",
        "training and evaluation data",
        "fine tuning",
        "finetuning",
        "pretraining",
        "pre training",
        "post training",
        "hyperparameter",
    ]
    .iter()
    .any(|word| has(word))
        || title == "training";
    if is_training {
        return Some(vec![Field::Training]);
    }
    if has("maintenance") || title == "updates" || title == "versioning" {
        return Some(vec![Field::Updates]);
    }
    if NOTHING.iter().any(|word| has(word)) {
        return Some(Vec::new());
    }
    let is_description = [
        "model description",
        "dataset description",
        "data description",
        "model summary",
        "dataset summary",
        "model overview",
        "dataset overview",
    ]
    .iter()
    .any(|word| has(word))
        || matches!(title.as_str(), "summary" | "overview" | "description" | "introduction" | "about");
    is_description.then(|| vec![Field::Description])
}

/// A heading in small letters, words divided by single blanks.
fn normal(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().take(200) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    let out = out.trim();
    let out = out.strip_suffix("optional").unwrap_or(out).trim_end();
    // Numbers of chapters.
    out.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_the_templates_are_known() {
        use Field::*;
        for (title, expected) in [
            ("Direct Use", Some(vec![Intended])),
            ("Downstream Use [optional]", Some(vec![Intended])),
            ("Out-of-Scope Use", Some(vec![OutOfScope])),
            ("Bias, Risks, and Limitations", Some(vec![Limits, Bias, Ethics])),
            ("Intended uses & limitations", Some(vec![Intended, Limits])),
            ("🚧 Limitations", Some(vec![Limits])),
            ("Recommendations", None),
            ("How to use", Some(vec![])),
            ("How to Get Started with the Model", Some(vec![])),
            ("Uses", Some(vec![Intended])),
            ("Training Data", Some(vec![Training])),
            ("3. Training procedure", Some(vec![Training])),
            ("Preprocessing [optional]", Some(vec![Preprocessing])),
            ("Data Collection and Processing", Some(vec![Collection])),
            ("Personal and Sensitive Information", Some(vec![Sensitive])),
            ("Social Impact of Dataset", Some(vec![Ethics])),
            ("Discussion of Biases", Some(vec![Bias])),
            ("Environmental Impact", Some(vec![Energy])),
            ("Licensing Information", Some(vec![])),
            ("Model Description", Some(vec![Description])),
            ("Results", Some(vec![])),
            ("Model Card for Orion", None),
        ] {
            assert_eq!(fields_of(title), expected, "{title}");
        }
    }
}
