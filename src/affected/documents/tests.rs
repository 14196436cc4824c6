use super::*;

fn asked(texts: &[&str]) -> Vec<Asked> {
    texts.iter().map(|text| Asked::parse(text).unwrap()).collect()
}

fn told(targets: &[&str], document: &str) -> Vec<(Standing, String)> {
    let questions = asked(targets);
    match Documents::new(&questions).ask("b.json", document.as_bytes()) {
        Told::Answers(answers) => answers.into_iter().map(|answer| (answer.standing, answer.why)).collect(),
        Told::NoDocument => Vec::new(),
    }
}

fn standing(target: &str, document: &str) -> Option<Standing> {
    told(&[target], document).first().map(|(standing, _)| *standing)
}

const BILL: &str = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "components": [
  {"type": "library", "bom-ref": "a", "name": "litellm", "version": "1.82.7", "purl": "pkg:pypi/litellm@1.82.7",
   "hashes": [{"alg": "MD5", "content": "d41d8cd98f00b204e9800998ecf8427e"}]},
  {"type": "library", "bom-ref": "c", "group": "tj-actions", "name": "changed-files", "version": "v45",
   "purl": "pkg:github/tj-actions/changed-files@v45"},
  {"type": "machine-learning-model", "bom-ref": "m", "group": "acme", "name": "Small-Model",
   "purl": "pkg:huggingface/acme/Small-Model"}]}"#;

#[test]
fn parts_are_found_by_every_kind_of_question() {
    let table = [
        ("litellm==1.82.7", Standing::Locked),
        ("litellm==1.82.6", Standing::No),
        ("pypi:openai", Standing::No),
        ("crate:serde", Standing::CannotKnow),
        ("tj-actions/changed-files@v45", Standing::CouldHaveResolved),
        ("model:acme/small-model@main", Standing::CouldHaveResolved),
        ("d41d8cd98f00b204e9800998ecf8427e", Standing::Locked),
        ("d41d8cd98f00b204e9800998ecf84270", Standing::No),
        ("python:3.12", Standing::CannotKnow),
        ("host:models.example.com", Standing::CannotKnow),
    ];
    for (target, wanted) in table {
        assert_eq!(standing(target, BILL), Some(wanted), "{target}: {:?}", told(&[target], BILL));
    }
    let lines = told(&["litellm==1.82.7"], BILL);
    assert_eq!(lines[0].1, "b.json line 3 lists litellm 1.82.7");
}

#[test]
fn escapes_and_other_encodings_hide_nothing() {
    assert_eq!(standing("litellm==1.82.7", &BILL.replace("litellm", "lite\\u006clm")), Some(Standing::Locked));
    assert_eq!(standing("litellm==1.82.7", &BILL.replace('/', "\\/")), Some(Standing::Locked));
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(BILL.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let questions = asked(&["litellm==1.82.7"]);
    let Told::Answers(answers) = Documents::new(&questions).ask("b.json", &wide) else { panic!("a document") };
    assert_eq!(answers[0].standing, Standing::Locked);
}

#[test]
fn a_bill_that_is_not_whole_is_no_no() {
    let whole = r#"{"bomFormat": "CycloneDX", "specVersion": "1.6",
 "metadata": {"component": {"type": "application", "name": "x", "bom-ref": "x"}},
 "components": [{"type": "library", "bom-ref": "a", "name": "a", "purl": "pkg:pypi/a@1"}]"#;
    assert_eq!(standing("pypi:litellm", &format!("{whole}}}")), Some(Standing::No));
    let aggregate = |word: &str| {
        format!(
            "{whole}, \"compositions\": [{{\"aggregate\": \"{word}\", \"dependencies\": [\"x\"], \"assemblies\": [\"x\"]}}]}}"
        )
    };
    assert_eq!(standing("pypi:litellm", &aggregate("incomplete")), Some(Standing::CannotKnow));
    assert_eq!(standing("pypi:litellm", &aggregate("complete")), Some(Standing::No));
}

#[test]
fn a_saved_graph_is_asked_like_a_tree() {
    let graph = r#"{"schema": "custody/graph/v1", "nodes": [
 {"id": "job:a", "kind": "job", "name": "test", "attributes": {}, "sightings": [{"path": ".github/workflows/ci.yml", "line": 4}]},
 {"id": "step:a", "kind": "step", "name": "step 1", "attributes": {}, "sightings": []},
 {"id": "d", "kind": "distribution", "name": "litellm", "attributes": {}, "sightings": []}],
 "edges": [{"from": "job:a", "to": "step:a", "kind": "declares", "attributes": {}, "sightings": []},
 {"from": "step:a", "to": "d", "kind": "uses", "attributes": {"requirement": ">=1.80"}, "sightings": [{"path": ".github/workflows/ci.yml", "line": 7}]}]}"#;
    let questions = asked(&["pypi:litellm==1.82.7", "pypi:litellm==1.70"]);
    let Told::Answers(answers) = Documents::new(&questions).ask("g.json", graph.as_bytes()) else { panic!("a graph") };
    assert_eq!(answers[0].standing, Standing::CouldHaveResolved);
    assert_eq!(answers[0].jobs.first().map(|job| job.name.as_str()), Some("ci.yml: job test"));
    assert_eq!(
        answers[0].why,
        ".github/workflows/ci.yml line 7 asks for litellm >=1.80, which lets it in, and no lock holds it"
    );
    assert_eq!(answers[1].standing, Standing::No);
}

#[test]
fn what_is_no_document_answers_nothing() {
    for text in ["", "{}", "[1]", "litellm", "{\"name\": \"litellm\", \"dependencies\": {\"spdx\": \"1\"}"] {
        let found = told(&["litellm"], text);
        assert!(found.iter().all(|(standing, _)| *standing == Standing::CannotKnow), "{text}: {found:?}");
    }
}
