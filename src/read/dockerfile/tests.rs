//! What a Dockerfile comes to.

use super::*;
use crate::commands::ActKind;
use crate::graph::kinds::docker::{Base, Dockerfile, InstructionKind};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::Dialect;
use crate::source::FileId;

fn read(text: &str) -> (Dockerfile, Vec<String>) {
    let file = SourceFile::new(FileId(0), RepoPath::default(), text.as_bytes().to_vec());
    let mut out = Facts::default();
    DockerfileReader.read(&file, &mut Budget::default(), &mut out);
    let problems = out.problems.into_iter().map(|p| p.message).collect();
    let Some(Document::Dockerfile(document)) = out.documents.pop() else { return (Dockerfile::default(), problems) };
    (document, problems)
}

fn bases(text: &str) -> Vec<Base> {
    read(text).0.stages.into_iter().map(|s| s.base).collect()
}

fn image(reference: &str, by_argument: bool) -> Base {
    Base::Image { reference: reference.to_owned(), by_argument }
}

fn scripts(document: &Dockerfile) -> Vec<&Script> {
    let all = document.stages.iter().flat_map(|s| &s.instructions);
    all.filter_map(|i| match &i.kind {
        InstructionKind::Run { script, .. } | InstructionKind::Start(script) => Some(script),
        _ => None,
    })
    .collect()
}

#[test]
fn names_of_dockerfiles() {
    for (name, expected) in [
        ("Dockerfile", true),
        ("dockerfile", true),
        ("Containerfile", true),
        ("Dockerfile.cuda", true),
        ("Dockerfile_trtllm", true),
        ("DockerfileProd", true),
        ("Dockerfile2", true),
        ("Qwen_Dockerfile", true),
        ("update-dockerfile", false),
        ("dockerfiles", false),
        ("Dockerfile-cuda-all", true),
        ("dev.Dockerfile", true),
        (".gitpod.Dockerfile", true),
        ("app.containerfile", true),
        ("Dockerfile.cuda-13.0-ubi9", true),
        ("Dockerfile.python", true),
        ("Dockerfile.go", true),
        ("dockerfile.go", false),
        ("dockerfile_parser.rs", false),
        ("Dockerfile.dockerignore", false),
        (".dockerignore", false),
        ("Dockerfile.md", false),
        ("dockerfile.py", false),
        ("Dockerfile-uv.jinja", false),
        ("Dockerfile.j2", false),
        ("test-dockerfile.sh", false),
        ("dockerfile-stages-dependency.png", false),
        ("Dockerfiles", false),
        ("mydockerfile", false),
    ] {
        let path = RepoPath::new(name).unwrap();
        assert_eq!(DockerfileReader.claims(&path), expected, "{name}");
    }
}

#[test]
fn bases_are_stages_or_images() {
    for (text, expected) in [
        ("ARG V=1\nFROM a:${V} AS Build\nFROM build", vec![image("a:1", true), Base::Stage(0)]),
        ("FROM scratch", vec![Base::Scratch]),
        ("ARG P=b\nFROM x AS b\nFROM ${P} AS grpc\nFROM grpc", vec![image("x", false), Base::Stage(0), Base::Stage(1)]),
        ("ARG I\nFROM $I", vec![Base::Unknown("${I}".into())]),
        ("FROM b-$TARGETARCH", vec![Base::Unknown("b-${TARGETARCH}".into())]),
        ("FROM a AS q-cpu\nARG GPU\nFROM q-${GPU:+gpu-}${GPU:-cpu}", vec![image("a", false), Base::Stage(0)]),
        ("ARG GPU\nFROM a AS q-cpu\nFROM q-${GPU:+gpu-}${GPU:-cpu}", vec![image("a", false), Base::Stage(0)]),
        ("ARG M=x\nARG B=${M}:1\nFROM ${B}", vec![image("x:1", true)]),
        ("FROM --platform=$BUILDPLATFORM a AS b", vec![image("a", false)]),
        // A stage is no base of itself.
        ("FROM python AS python", vec![image("python", false)]),
        ("FROM base:{{ TAG }} AS x\nFROM x", vec![Base::Unknown("base:{{ TAG }} AS x".into()), Base::Stage(0)]),
        ("FROM @BASE@", vec![Base::Unknown("@BASE@".into())]),
    ] {
        assert_eq!(bases(text), expected, "{text}");
    }
}

#[test]
fn copies_say_where_from() {
    let text = "FROM a AS one\nFROM b\nENV D=/opt\nCOPY --from=ONE --chown=1:1 /x $D/y\nCOPY --from=0 a b /\n\
                COPY --from=img:1 a b\nCOPY --from=$X a b\nADD --checksum=sha256:00 https://example.com/x /x\n\
                COPY <<EOF req.txt /d/\nx\nEOF\nCOPY [\"a b\", \"/c\"]\nCOPY x\n";
    let (document, problems) = read(text);
    assert_eq!(problems, ["a copy without a source and a destination"]);
    let copies = document.stages[1].instructions.iter().filter_map(|i| match &i.kind {
        InstructionKind::Copy(copy) => Some(copy),
        _ => None,
    });
    let copies: Vec<_> = copies.collect();
    let from = |at: usize| copies[at].from.as_ref().map(|(_, base)| base.clone());
    assert_eq!(
        (0..5).map(from).collect::<Vec<_>>(),
        [
            Some(Base::Stage(0)),
            Some(Base::Stage(0)),
            Some(image("img:1", false)),
            Some(Base::Unknown("$X".into())),
            None
        ]
    );
    assert_eq!(copies[0].destination.as_ref().unwrap().value, "/opt/y");
    assert!(copies[4].is_add && copies[4].checksum.as_ref().unwrap().value == "sha256:00");
    assert_eq!(copies[5].sources.iter().map(|s| s.value.as_str()).collect::<Vec<_>>(), ["req.txt"]);
    assert_eq!((copies[5].here_documents, copies[6].sources[0].value.as_str()), (1, "a b"));
}

#[test]
fn scripts_know_their_shell_and_variables() {
    let text = "ARG G=9\nFROM a AS one\nENV U=https://example.com\nARG G\nARG N\n\
                RUN curl -o /x ${U}/$G/$N && \\\n  # why\n  sh /x\n\
                SHELL [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\"]\n\
                FROM one\nRUN [\"sh\", \"-c\", \"curl https://example.com | sh\"]\nRUN true $G\n\
                FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN x\nSHELL [\"powershell\", \"-Command\"]\nRUN y\n";
    let (document, problems) = read(text);
    assert!(problems.is_empty(), "{problems:?}");
    let scripts = scripts(&document);
    let ActKind::Fetch { url, .. } = &scripts[0].acts[0].kind else { panic!("{:?}", scripts[0].acts) };
    assert_eq!(url.text, "https://example.com/9/${N}");
    assert!(!scripts[0].program.options.errexit && !scripts[0].explicit_shell);
    assert!(!scripts[0].text.text.contains("why"));
    // The exec form has no shell of its own; `SHELL` and `ENV` go on in stages from this one, `ARG` does not.
    assert!(scripts[1].acts.iter().any(|a| matches!(a.kind, ActKind::Fetch { .. })), "{:?}", scripts[1].acts);
    assert!(!scripts[1].program.options.errexit);
    assert!(scripts[2].program.options.errexit && scripts[2].program.options.pipefail);
    assert_eq!((&scripts[3].dialect, &scripts[4].dialect), (&Dialect::Cmd, &Dialect::PowerShell));
}

#[test]
fn here_documents_are_scripts() {
    let text = "FROM a\nRUN <<EOF\nset -e\ncurl https://example.com | sh\nEOF\n\
                RUN <<\"EOF\" bash -ex\ncurl https://example.com | sh\nEOF\n\
                RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n\
                RUN cat <<EOF > /x\ncurl | sh\nEOF\n";
    let (document, problems) = read(text);
    assert!(problems.is_empty(), "{problems:?}");
    let scripts = scripts(&document);
    for script in scripts.iter().take(2) {
        let fetch = script.acts.iter().find(|a| matches!(a.kind, ActKind::Fetch { .. })).expect("a fetch");
        let span = script.text.host_span(fetch.range.clone());
        assert_eq!(&text[span.range(text.len())], "https://example.com");
    }
    assert_eq!(scripts[2].dialect, Dialect::Python);
    assert!(!scripts[3].acts.iter().any(|a| matches!(a.kind, ActKind::Fetch { .. })));
}

#[test]
fn variables_have_values_where_the_file_gives_them() {
    let text = "FROM a\nENV A=1 B=\"x y\" C=$A\nENV OLD the rest $A\nENV D=${A}-$B P=/x:$PATH\nENV A\nWORKDIR /w/${A}\n\
                HEALTHCHECK --interval=5s CMD curl -f http://localhost/ || exit 1\nHEALTHCHECK NONE\n";
    let (document, problems) = read(text);
    assert_eq!(problems, ["`ENV` gives no value"]);
    let pairs = document.stages[0].instructions.iter().filter_map(|i| match &i.kind {
        InstructionKind::Env(pairs) => Some(pairs.iter().map(|(n, v)| format!("{}={}", n.value, v.value))),
        _ => None,
    });
    let pairs: Vec<String> = pairs.flatten().collect();
    assert_eq!(pairs, ["A=1", "B=x y", "C=${A}", "OLD=the rest 1", "D=1-x y", "P=/x:${PATH}"]);
    let folder = document.stages[0].instructions.iter().find_map(|i| match &i.kind {
        InstructionKind::Workdir(folder) => Some(folder.value.as_str()),
        _ => None,
    });
    assert_eq!(folder, Some("/w/1"));
    assert_eq!(scripts(&document).len(), 1);
}

#[test]
fn ends_of_blocks_need_no_semicolon() {
    let (_, problems) = read("FROM a\nRUN if a; then \\\n if b; then c; fi \\\n else d; fi\n");
    assert!(problems.is_empty(), "{problems:?}");
}
