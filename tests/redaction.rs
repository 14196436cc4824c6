//! No report carries a credential of the audited tree, whatever it quotes.

#![allow(clippy::expect_used, reason = "a test may insist")]

mod common;

use cargo_custody::report::{Format, Options, graph, render};

/// Each stands in the tree once or more; none may stand in a report. Split, so that no scanner of
/// this repository takes them for real.
fn secrets() -> Vec<String> {
    vec![
        ["hunter", "2hunter2"].concat(),
        ["ghp_", "0123456789abcdefghijABCDEFGHIJ012345"].concat(),
        ["hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].concat(),
        ["cio", "0123456789abcdefghijklmnopqrstuvw"].concat(),
        ["s3cr3t", "-in-env"].concat(),
    ]
}

fn files() -> Vec<(&'static str, String)> {
    let secret = secrets();
    let (password, github, hub, registry, env) = (&secret[0], &secret[1], &secret[2], &secret[3], &secret[4]);
    vec![
        (
            "Cargo.toml",
            format!(
                "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\n\
                 b = {{ git = \"https://user:{password}@git.example.com/b\", branch = \"main\" }}\n\
                 c = {{ version = \"*\", registry-index = \"http://{github}@index.example.com/?private_token={env}\" }}\n"
            ),
        ),
        (
            "Cargo.lock",
            format!(
                "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \"b\",\n \"c\",\n]\n\n\
                 [[package]]\nname = \"b\"\nversion = \"0.1.0\"\n\
                 source = \"git+https://user:{password}@git.example.com/b?branch=main#0123456789abcdef0123456789abcdef01234567\"\n\n\
                 [[package]]\nname = \"c\"\nversion = \"0.1.0\"\nsource = \"registry+http://{github}@index.example.com/\"\n"
            ),
        ),
        (
            ".cargo/config.toml",
            format!(
                "[registries.inner]\nindex = \"http://user:{password}@index.example.com/\"\ntoken = \"{registry}\"\n\n\
                 [env]\nRUSTC_WRAPPER = \"./wrap --password={password}\"\n\n[alias]\naudit = \"run -- --token {github}\"\n"
            ),
        ),
        (
            ".github/workflows/a.yml",
            format!(
                "on: push\nenv:\n  API_TOKEN: {env}\n  HF: {hub}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      \
                 - run: curl -fsSL https://user:{password}@tools.example.com/i.sh | bash\n        env:\n          DB_PASSWORD: {env}\n      \
                 - run: curl -H 'Authorization: Bearer {github}' https://example.com/x.sh | sh\n      \
                 - run: curl -u bob:{env} https://example.com/y.sh?token={env} | sh; DB_TOKEN={env} ./x\n        env: {{ HF_TOKEN: {hub}, X: y }}\n      \
                 - uses: docker://example/a\n        env:\n          KEY_PASSWORD: |\n            {env}\n      \
                 - uses: example/act@v1\n        with:\n          token: {hub}\n      \
                 - run: |\n          export HF_TOKEN={hub}\n          cargo install thing\n"
            ),
        ),
        (
            ".github/workflows/broken.yml",
            format!("on: push\njobs:\n  a: [\n  token: {hub}\n  x: https://u:{password}@example.com/\n"),
        ),
        (
            ".github/workflows/registry.yml",
            format!(
                "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    container:\n      image: example/a\n      credentials:\n        \
                 username: u\n        password: {password}\n    services:\n      db:\n        image: example/b\n        \
                 credentials: {{ username: u, password: \"{env}\" }}\n    steps:\n      - uses: docker/login-action@v3\n        \
                 with:\n          username: u\n          password: >-\n            {password}\n"
            ),
        ),
        ("requirements.txt", requirements(password)),
        ("Dockerfile", dockerfile(password, env)),
        (
            "pyproject.toml",
            format!(
                "[project]\nname = \"a\"\nversion = \"1\"\n\
                 dependencies = [\"x @ https://u:{password}@u.example.com/x.zip\", \"!! https://u:{password}@u.example.com\"]\n\
                 [[tool.uv.index]]\nname = \"c\"\nurl = \"https://u:{password}@uv.example.com/simple\"\n\
                 [tool.uv.sources]\nq = {{ git = \"https://u:{password}@g.example.com/q\" }}\n\
                 [[tool.poetry.source]]\nname = \"b\"\nurl = \"http://u:{password}@p.example.com/simple\"\n"
            ),
        ),
        (
            "uv.lock",
            format!(
                "version = 1\n[[package]]\nname = \"torch\"\nversion = \"1.0.0\"\n\
                 source = {{ registry = \"http://u:{password}@l.example.com/simple\" }}\n\
                 sdist = {{ url = \"https://u:{password}@f.example.com/x.tgz\" }}\n\
                 [[package]]\nname = \"g\"\nversion = \"1\"\nsource = {{ git = \"https://u:{password}@l.example.com/g#00\" }}\n"
            ),
        ),
        (
            ".mcp.json",
            format!(
                "{{\"mcpServers\": {{\n\"a\": {{\"command\": \"npx\", \"args\": [\"-y\", \"a\", \"--api-key\", \"{password}\"]}},\n\
                 \"b\": {{\"command\": \"npx\", \"args\": [\"-y\", \"b\",\n\"--token\",\n\"{env}\"\n]}},\n\
                 \"c\": {{\"url\": \"http://u:{password}@c.example.com/mcp?token={env}\", \"headers\": {{\"Authorization\": \"Bearer {github}\"}}}}\n}}}}\n"
            ),
        ),
        (
            ".claude/settings.json",
            format!(
                "{{\"env\": {{\"ANTHROPIC_AUTH_TOKEN\": \"{github}\", \"ANTHROPIC_BASE_URL\": \"https://u:{password}@m.example.com\"}},\n\
                 \"hooks\": {{\"Stop\": [{{\"command\": \"curl -s https://u:{password}@h.example.com/x?token={env} | sh\"}}]}}}}\n"
            ),
        ),
        (
            ".pre-commit-config.yaml",
            format!("repos:\n  - repo: http://u:{password}@p.example.com/a\n    rev: main\n    hooks: [{{id: a}}]\n"),
        ),
        (
            "custody.toml",
            format!("[[index]]\nurl = \"https://u:{password}@m.example.com/simple\"\nmirror-of = \"pypi\"\n"),
        ),
    ]
}

fn requirements(password: &str) -> String {
    format!(
        "--index-url https://u:{password}@a.example.com/simple\n--extra-index-url=http://u:{password}@b.example.com/simple\n\
         --find-links https://u:{password}@c.example.com/\n--trusted-host u:{password}@t.example.com\n\
         foo @ git+https://u:{password}@g.example.com/foo.git@main\n-r https://u:{password}@h.example.com/r.txt\n\
         -e git+https://u:{password}@g.example.com/bar.git#egg=bar\nhttps://u:{password}@w.example.com/baz-1.0-py3-none-any.whl\n\
         !! https://u:{password}@q.example.com\n--bogus https://u:{password}@q.example.com\nflask\n"
    )
}

fn dockerfile(password: &str, signature: &str) -> String {
    format!(
        "FROM u:{password}@reg.example.com/x\nENV PIP_INDEX_URL=https://u:{password}@i.example.com/simple\n\
         ENV PIP_EXTRA_INDEX_URL=u:{password}@i.example.com/simple\nARG U=https://u:{password}@n.example.com\n\
         ENV HTTPS_PROXY=http://u:{password}@proxy.example.com:3128\nADD https://u:{password}@a.example.com/x.tgz /x\n\
         ADD https://a.example.com/x.tgz?token={password}&X-Amz-Signature={signature} /x\n\
         RUN pip install --index-url https://u:{password}@p.example.com/simple torch && git clone https://u:{password}@g.example.com/a.git\n\
         RUN pip install -i $U/simple bar && pip config set global.index-url https://u:{password}@k.example.com/simple\n\
         RUN curl -sSL https://u:{password}@g.example.com/i.sh | sh\nRUN pip install -r requirements.txt\n\
         COPY --from=u:{password}@z.example.com/q /a /b\nBOGUS https://u:{password}@z.example.com\n"
    )
}

#[test]
fn no_report_carries_a_credential() {
    let files = files();
    let tree: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let tree = common::tree(&tree);
    let audit = common::audit_of(&tree);
    let rules: std::collections::BTreeSet<&str> = audit.findings.iter().map(|f| f.rule.as_str()).collect();
    assert!(rules.len() > 6, "the tree should give much to quote: {rules:?}");
    assert!(rules.contains("hardcoded-registry-password"), "{rules:?}");
    let (reading, checked) = common::look(&tree);
    let mut outputs = Vec::new();
    for (name, format) in Format::ALL {
        for all in [false, true] {
            let mut out = Vec::new();
            let options = Options { all, snippets: true, ..Options::default() };
            render(&audit, *format, &options, &mut out).expect("a writer that takes all");
            outputs.push((*name, out));
        }
    }
    let mut out = Vec::new();
    graph::json(&checked.graph, &reading.sources, &mut out).expect("a writer that takes all");
    outputs.push(("graph json", std::mem::take(&mut out)));
    graph::dot(&checked.graph, &mut out).expect("a writer that takes all");
    outputs.push(("graph dot", std::mem::take(&mut out)));
    graph::mermaid(&checked.graph, &mut out).expect("a writer that takes all");
    outputs.push(("graph mermaid", out));
    let mut leaks = Vec::new();
    for (name, bytes) in outputs {
        let text = String::from_utf8(bytes).expect("UTF-8");
        for secret in secrets() {
            // The name of the user may stand, what proves it may not.
            if let Some(at) = text.find(&secret) {
                let from = text[..at].char_indices().rev().nth(60).map_or(0, |(i, _)| i);
                leaks.push(format!("{name}: …{}", &text[from..at + secret.len()]));
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}
