//! What Rust loads, in tables.

use std::sync::Arc;

use super::*;
use crate::references::{Pin, Reference, Standing};

/// What one file loads, as the only one of a crate.
fn of_file(text: &str) -> FileFound {
    let file = File { path: Arc::from("a.rs"), text, is_of_loader: names_loader(text) };
    of_files(&[file], 1).remove(0)
}

fn line(reference: &Reference) -> String {
    let standing = if reference.standing == Standing::Default { " default" } else { "" };
    let revision = reference.revision.as_deref().unwrap_or("-");
    format!("{} {} {revision} {}{standing}", reference.kind.word(), reference.name, reference.pin.word())
}

fn lines(text: &str) -> Vec<String> {
    let out = of_file(text);
    let mut lines: Vec<String> = out.references.iter().map(line).collect();
    lines.extend(out.unresolved.iter().map(|u| format!("? {} {}", u.kind.word(), u.text)));
    lines
}

#[test]
fn loaders_are_followed_to_names() {
    let cases: &[(&str, &[&str])] = &[
        (
            r#"use hf_hub::A; fn f() { api.model("acme/x".to_string()).get("a.safetensors")?; }"#,
            &["model acme/x - none"],
        ),
        (r#"use hf_hub::A; fn f() { api.dataset("acme/x".into()); }"#, &["dataset acme/x - none"]),
        (
            r#"use hf_hub::A; fn f() { api.repo(hf_hub::Repo::with_revision("acme/x".to_string(), RepoType::Model, "refs/pr/1".to_string())); }"#,
            &["model acme/x refs/pr/1 branch"],
        ),
        (
            r#"use hf_hub::A; const ID: &str = "acme/x"; fn f() { Repo::new(ID.to_string(), RepoType::Dataset); }"#,
            &["dataset acme/x - none"],
        ),
        // A choice of the name and one of the revision belong together.
        (
            r#"use hf_hub::A;
            fn f(args: Args) {
                let id = match args.which { Which::A => "acme/a", Which::B => "acme/b" };
                let revision = match args.which { Which::A => "v1.0", _ => "main" };
                Repo::with_revision(id.to_string(), RepoType::Model, revision.to_string());
            }"#,
            &["model acme/a v1.0 tag", "model acme/b main branch"],
        ),
        (
            r#"use hf_hub::A;
            fn f(args: Args) {
                let (id, revision) = match args.which { Which::A => ("acme/a", "r1"), Which::B => ("acme/b", "r2") };
                Repo::with_revision(id.to_string(), RepoType::Model, revision.to_string());
            }"#,
            &["model acme/a r1 branch", "model acme/b r2 branch"],
        ),
        (
            r#"use hf_hub::A;
            fn f(&self) {
                let id = match self.which { Which::A => "acme/a", Which::B => "acme/b" };
                let revision = if self.which == Which::B { "r2" } else { "main" };
                Repo::with_revision(id.to_string(), RepoType::Model, revision.to_string());
            }"#,
            &["model acme/a main branch", "model acme/b r2 branch"],
        ),
        // What a method of the file gives.
        (
            r#"use hf_hub::A;
            impl Which { fn repo(&self) -> &str { match self { Self::A => "acme/a", Self::B => "acme/b" } } }
            fn f(args: Args) { api.model(args.which.repo().to_string()); }"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        // What is given by a caller, and what holds where nothing is.
        (
            r#"use hf_hub::A; fn f(args: Args) { api.model(args.id.unwrap_or_else(|| "acme/x".to_string())); }"#,
            &["model acme/x - none default"],
        ),
        (
            r#"use hf_hub::A;
            #[derive(Parser)] struct Args { #[arg(long, default_value = "acme/x")] id: String, #[arg(long)] revision: Option<String> }
            fn f(args: Args) { Repo::with_revision(args.id, RepoType::Model, args.revision.unwrap_or("main".to_string())); }"#,
            &["model acme/x main branch default"],
        ),
        (r#"use hf_hub::A; fn f(id: String) { api.model(id); }"#, &[]),
        (r#"use hf_hub::A; fn f(config: C) { api.model(config.deep().id); }"#, &["? model config.deep().id"]),
        (
            r#"use hf_hub::A; fn f(r: R) { Repo::with_revision("acme/x".to_string(), RepoType::Model, r.name()); }"#,
            &["model acme/x r.name() dynamic"],
        ),
        // A function that hands on what it is given.
        (
            r#"use hf_hub::A;
            fn download_parts(id: &str, revision: Option<&str>) {
                match revision { Some(r) => Repo::with_revision(id.to_string(), RepoType::Model, r.to_string()), None => Repo::model(id.to_string()) };
            }
            #[test] fn t() { download_parts("acme/x", Some("refs/pr/11")); download_parts("acme/y", None); }"#,
            &["model acme/x refs/pr/11 branch", "model acme/y - none"],
        ),
        (r#"fn f() { Tokenizer::from_pretrained("bert-base-cased", None); }"#, &["tokenizer bert-base-cased - none"]),
        (
            r#"fn f() { Tokenizer::from_pretrained("acme/x", Some(FromPretrainedParameters { revision: "r".into(), ..d() })); }"#,
            &["tokenizer acme/x r branch"],
        ),
        (
            r#"fn f() { TextModelBuilder::new("acme/x").with_logging().with_hf_revision("0123456789012345678901234567890123456789").build(); }"#,
            &["model acme/x 0123456789012345678901234567890123456789 commit"],
        ),
        (r#"fn f() { GgufModelBuilder::new("../models/x", vec!["a.gguf"]); }"#, &[]),
        (
            r#"fn f() { LoraModelBuilder::from_text_model_builder(TextModelBuilder::new("acme/x"), ["acme/l"]); }"#,
            &["model acme/x - none", "adapter acme/l - none"],
        ),
        (
            r#"const U: &str = "https://huggingface.co/acme/x/resolve/main/a.bin"; const V: &str = "https://weights.example.com/w.onnx";"#,
            &["model acme/x main branch", "model https://weights.example.com/w.onnx - none"],
        ),
        (r#"fn f() { client.agent("gpt-4o").build(); }"#, &["model gpt-4o - none"]),
        // What is only said or compared is not loaded.
        (
            r#"use hf_hub::A; // api.model("acme/x".to_string())
            /// `Tokenizer::from_pretrained("bert-base-cased", None)`
            fn f(name: &str) { println!("see https://huggingface.co/acme/x/resolve/main/a.bin"); name == "acme/x"; }"#,
            &[],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), *expected, "{text}");
    }
}

#[test]
fn tables_of_crates_that_load_are_read() {
    let cases: &[(&str, &[&str])] = &[
        (
            r#"fn list() -> Vec<Info> {
                vec![
                    Info { which: Which::A, dim: 384, about: String::from("acme/about"), model_code: String::from("acme/a"), model_file: String::from("a.onnx"), more: Vec::new() },
                    Info { which: Which::B, dim: 1, about: "x".into(), model_code: "acme/b".to_string(), revision: Some("v1.0"), more: vec!["b".to_string()] },
                ]
            }"#,
            &["model acme/a - none", "model acme/b v1.0 tag"],
        ),
        (
            r#"static TABLE: &[Entry] = &[Entry { name: "a", repo: "acme/a", tokenizer_repo: "acme/t", license: "acme/l" }];"#,
            &["model acme/a - none", "tokenizer acme/t - none"],
        ),
        (
            r#"impl Which { pub fn repo_id(&self) -> &'static str { match self { Self::A => "acme/a", Self::B => "acme/b" } } }"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        (
            r#"impl Which { fn code(&self) -> &str { match self { Self::A => "acme/a", Self::B => "acme/b" } }
               fn path(&self) -> &str { match self { Self::A => "acme/a", Self::B => "x" } } }"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        (
            r#"impl Which { fn files(&self) -> (&'static str, &'static str) { match self { Self::A => ("acme/a", "main"), Self::B => ("acme/b", "refs/pr/3") } } }"#,
            &["model acme/a main branch", "model acme/b refs/pr/3 branch"],
        ),
        (r#"pub const DEFAULT_MODEL: &str = "acme/a";"#, &["model acme/a - none default"]),
        (r#"pub const REPOSITORY: &str = "acme/tool"; const USER_AGENT: &str = "acme/1.0";"#, &[]),
        (
            r#"static MODELS: &[(&str, &str)] = &[("a", "acme/a"), ("b", "acme/b")];"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        (
            r#"static ALL: LazyLock<M> = LazyLock::new(|| HashMap::from([(Which::A, "acme/a"), (Which::B, "acme/b")]));"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        (
            r#"fn f() { Embedder::from_pretrained_hf("bert", "acme/a", None); Builder::new().model_id(Some("acme/b")); }"#,
            &["model acme/a - none", "model acme/b - none"],
        ),
        // What is compared, and what another party serves.
        (
            r#"fn f(s: &str) -> Which { match s { "acme/a" => Which::A, _ => Which::B } } const MODEL: &str = "groq/llama3";"#,
            &[],
        ),
    ];
    for (text, expected) in cases {
        let text = format!("use hf_hub::api; {text}");
        let found = of_file(&text);
        let lines: Vec<String> = found.references.iter().map(line).collect();
        assert_eq!(lines, *expected, "{text}");
        for reference in &found.references {
            assert!(text[reference.place.span.range(text.len())].contains(&reference.name), "{text}");
        }
    }
    assert_eq!(of_file(cases[0].0).references, [], "a crate that loads nothing");
}

#[test]
fn crates_are_known_by_their_manifests() {
    let is_there = |path: &str| matches!(path, "a/Cargo.toml" | "a/b/Cargo.toml");
    for (path, folder) in [("a/src/x.rs", "a"), ("a/b/src/models/x.rs", "a/b"), ("c/src/x.rs", ""), ("x.rs", "")] {
        assert_eq!(crate_of(path, &is_there), folder);
    }
    assert!(names_loader("use ort::Session;") && names_loader("a(tokenizers::X)"));
    assert!(!names_loader("port::x, sort::y, my_crate::ort::z, mytokenizers::q"));
}

#[test]
fn helpers_are_found_in_other_files() {
    let helper = r#"use hf_hub::A; pub fn load_parts(id: &str, revision: Option<&str>) { api.repo(Repo::with_revision(id.to_string(), RepoType::Model, revision.unwrap_or("main").to_string())); }"#;
    let test = r#"use common::load_parts; #[test] fn t() { load_parts("acme/x", Some("refs/pr/3")); }"#;
    let file = |path: &str, text| File { path: Arc::from(path), text, is_of_loader: false };
    let files = [file("tests/common.rs", helper), file("tests/t.rs", test)];
    for threads in [1, 4] {
        let found = of_files(&files, threads);
        assert_eq!(found.iter().map(|f| f.references.len()).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(line(&found[1].references[0]), "model acme/x refs/pr/3 branch");
        assert!(may_load(test) && !may_load("fn f() { g(\"a/b/c\", \"text/plain\") }"));
    }
}

#[test]
fn revisions_are_put_in_where_they_belong() {
    let commit = "0123456789012345678901234567890123456789";
    for (text, expected) in [
        (
            r#"use hf_hub::A; fn f() { let a = api.model("acme/x".to_string()).get("a"); }"#,
            r#"use hf_hub::A; fn f() { let a = api.repo(hf_hub::Repo::with_revision("acme/x".to_string(), hf_hub::RepoType::Model, "COMMIT".to_string())).get("a"); }"#,
        ),
        (
            r#"fn f() { Repo::new("acme/x".into(), RepoType::Dataset); }"#,
            r#"fn f() { Repo::with_revision("acme/x".into(), RepoType::Dataset, "COMMIT".to_string()); }"#,
        ),
        (
            r#"fn f() { Repo::with_revision("acme/x".into(), RepoType::Model, "main".into()); }"#,
            r#"fn f() { Repo::with_revision("acme/x".into(), RepoType::Model, "COMMIT".into()); }"#,
        ),
        (
            r#"fn f() { TextModelBuilder::new("acme/x").build(); }"#,
            r#"fn f() { TextModelBuilder::new("acme/x").with_hf_revision("COMMIT").build(); }"#,
        ),
    ] {
        let text = format!("use hf_hub::B; {text}");
        let out = of_file(&text);
        let edit = out.references[0].edit.clone().expect("an edit");
        let mut written = text.clone();
        written.replace_range(edit.at.span.range(text.len()), &format!("{}COMMIT{}", edit.before, edit.after));
        assert_eq!(written, format!("use hf_hub::B; {expected}"));
        let held = written.replace("COMMIT", commit);
        let again = of_file(&held);
        assert_eq!(again.references[0].pin, Pin::Commit, "{held}");
    }
}

#[test]
fn hostile_text_ends() {
    let deep = format!("use hf_hub::A; fn f() {{ {}x{} }}", "api.model(".repeat(20_000), ")".repeat(20_000));
    let chain = format!("use hf_hub::A; fn f() {{ x{} }}", ".model(a)".repeat(30_000));
    let matches = format!("use hf_hub::A; fn f() {{ {}1{} }}", "match x { A => ".repeat(5_000), "}".repeat(5_000));
    let names: String =
        (0..3_000).map(|n| format!("let a{n} = format!(\"{{}}{{}}\", a{}, a{});", n + 1, n + 2)).collect();
    let names = format!("use hf_hub::A; fn f() {{ {names} api.model(a0); }}");
    let lists = format!("use hf_hub::A; fn f() {{ {}(){} }}", "vec![A { a: ".repeat(3_000), "}]".repeat(3_000));
    for text in [deep, chain, matches, names, lists, "use hf_hub::A; fn f( { api.model(\"".to_owned()] {
        let worker = std::thread::Builder::new().stack_size(2 << 20);
        let done = worker.spawn(move || lines(&text)).expect("a thread").join().expect("no panic");
        assert!(done.len() < 500, "{}", done.len());
    }
}

#[test]
fn what_tests_in_a_file_load_is_theirs() {
    let text = r#"use hf_hub::A;
        fn f() { api.model("acme/x".to_string()); }
        #[cfg(test)]
        mod tests {
            fn helper() { api.model("acme/in-module".to_string()); }
        }
        /// Says something.
        #[tokio::test]
        #[ignore]
        async fn g() { api.model("acme/in-function".to_string()); }
        #[cfg(not(test))]
        fn h() { api.model("acme/y".to_string()); }
        #[derive(Clone)]
        struct Testing;
        fn i() { api.model("acme/z".to_string()); }"#;
    let found = of_file(text);
    let told: Vec<(&str, bool)> = found.references.iter().map(|one| (one.name.as_str(), one.is_of_tests)).collect();
    for (name, is_of_tests) in
        [("acme/x", false), ("acme/in-module", true), ("acme/in-function", true), ("acme/y", false), ("acme/z", false)]
    {
        assert!(told.contains(&(name, is_of_tests)), "{name}: {told:?}");
    }
}

#[test]
fn variants_of_enumerations_are_named_by_their_attributes() {
    let text = r#"pub enum Model {
        #[strum(serialize = "gpt-4o-mini")]
        #[serde(rename = "gpt-4o-mini")]
        #[default]
        Small,
        #[serde(rename = "claude-3-5-haiku-latest")]
        Other,
        #[serde(rename = "plain-word")]
        Word,
    }"#;
    assert_eq!(lines(text), ["model claude-3-5-haiku-latest - none default", "model gpt-4o-mini - none default"]);
}
