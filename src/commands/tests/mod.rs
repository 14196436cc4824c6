//! The facts of commands, in tables.

mod checks;
mod files;

use super::act::ActKind as K;
use super::*;
use crate::parse::Budget;
use crate::parse::shell;

/// One fact as a short line.
fn line(act: &Act) -> String {
    let output = |to: &Output| match to {
        Output::File(path) => path.clone(),
        Output::Dir(path) => format!("{path}/"),
        other => format!("{other:?}").to_lowercase(),
    };
    match &act.kind {
        K::Fetch { url, to, .. } => {
            format!("fetch {} > {}{}", url.text, output(to), if url.local { " local" } else { "" })
        }
        K::Clone { url, reference, to } => {
            format!("clone {} {} > {}", url.text, reference.as_deref().unwrap_or("-"), output(to))
        }
        K::Checkout { reference, folder } => {
            format!("checkout {reference} in {}", folder.as_deref().unwrap_or("."))
        }
        K::HubDownload { by, name, revision, to, .. } => {
            format!("{by} {} {} > {}", name.text, revision.as_deref().unwrap_or("-"), output(to))
        }
        K::Loads(load) => format!("loads {} {}", load.by, load.name),
        K::Container { by, image, privileged, mounts } => {
            format!("{by} {} {}{}", image.text, privileged.unwrap_or("-"), if *mounts { " mounts" } else { "" })
        }
        K::Load { by, path } => format!("{by} {path}"),
        K::BuildFolder { by, folder } => format!("{by} in {}", folder.as_deref().unwrap_or(".")),
        K::Digest { files } => format!("digest {}", files.join(" ")),
        K::Interpret { by, input } => {
            let input = match input {
                Input::File(path) => path.clone(),
                Input::ProcessSubstitution(_) => "<()".into(),
                Input::Substitution(_) => "$()".into(),
                other => format!("{other:?}").to_lowercase(),
            };
            format!("{by} < {input}")
        }
        K::Execute { path } => format!("exec {path}"),
        K::MakeExecutable { path } => format!("+x {path}"),
        K::Extract { archive, dir, members } => {
            format!(
                "extract {} in {} {}",
                archive.as_deref().unwrap_or("-"),
                dir.as_deref().unwrap_or("."),
                members.join(" ")
            )
        }
        K::Transfer { how, from, to, .. } => format!("{how:?} {} to {to}", from.join(" ")),
        K::ChangeDir { path } => format!("cd {}", path.as_deref().unwrap_or("?")),
        K::InstallLocal { manager, path } => format!("{manager} file {path}"),
        K::Verify { kind, check, targets, fatal } => {
            let check = match check {
                Check::File(file) => file.clone(),
                Check::Variable(name) => format!("${name}"),
                Check::Fetched(url) => url.text.clone(),
                Check::Signature(Signer::Key(text)) => format!("key {text}"),
                Check::Signature(Signer::Identity(text)) => format!("identity {text}"),
                Check::Signature(Signer::AnyIdentity(text)) => format!("any identity {text}"),
                Check::Signature(signer) => format!("{signer:?}").to_lowercase(),
                other => format!("{other:?}").to_lowercase(),
            };
            format!("verify {kind:?} {} by {check}{}", targets.join(" "), if *fatal { " fatal" } else { "" })
        }
        K::ImportKey { by, keys } => {
            let key = |key: &KeySource| match key {
                KeySource::Id(text) | KeySource::Person(text) | KeySource::File(text) => text.clone(),
                KeySource::Address(url) => url.text.clone(),
                KeySource::Stdin => "-".to_owned(),
            };
            format!("{by} key {}", keys.iter().map(key).collect::<Vec<_>>().join(" "))
        }
        K::VerificationOff { what } => format!("off {what}"),
        K::CargoInstall { name, version, locked, path, git, rev, binary } => {
            let parts = [name, version, path, git, rev].map(|p| p.as_deref().unwrap_or("-"));
            format!("cargo-install {} {locked} {binary}", parts.join(" "))
        }
        K::CargoBuild { subcommand, locked } => format!("cargo {subcommand} {locked}"),
        K::PackageInstall { manager, verb, names, files, .. } => {
            let texts = |of: &[Operand]| of.iter().map(|o| o.text.as_str()).collect::<Vec<_>>().join(" ");
            format!("{manager} {verb}: {} {}", texts(names), texts(files)).trim_end().to_owned()
        }
        K::AddSource { manager, source, signed_by, unsigned } => {
            let key = signed_by.as_deref().unwrap_or("-");
            format!("{manager} source {} by {key}{}", source.text, if *unsigned { " unsigned" } else { "" })
        }
        K::SetShellOption { option, on } => format!("set {option} {on}"),
        K::ImageBuild { context, file, target, tags, pushes } => {
            let parts = [context, file, target].map(|p| p.as_deref().unwrap_or("-"));
            format!("build {} {} {pushes}", parts.join(" "), tags.join(","))
        }
        K::Publish { what, .. } => format!("publish {what}"),
        K::CallsScript { path, by } => format!("script {path} by {}", by.as_deref().unwrap_or("-")),
    }
}

fn lines(text: &str) -> Vec<String> {
    let program = shell::parse(text, &mut Budget::default());
    facts(&program).iter().filter(|a| !matches!(a.kind, K::CallsScript { .. } | K::Loads(_))).map(line).collect()
}

#[test]
fn facts_of_commands() {
    let cases: &[(&str, &[&str])] = &[
        ("curl -sSfLo t https://x/a", &["fetch https://x/a > t"]),
        ("curl -LO https://x/a.tgz?q=1", &["fetch https://x/a.tgz?q=1 > a.tgz"]),
        ("curl -sSf https://x/a -H 'A: b' --output=t", &["fetch https://x/a > t"]),
        ("curl --output-dir d -O https://x/a", &["fetch https://x/a > d/a"]),
        ("curl --remote-name https://x/a", &["fetch https://x/a > a"]),
        ("curl -k https://x/a > f", &["off curl --insecure", "fetch https://x/a > f"]),
        ("curl -so /dev/null http://localhost:80/", &["fetch http://localhost:80/ > nowhere local"]),
        ("curl http://127.0.0.1:80/ | sh", &["fetch http://127.0.0.1:80/ > stdout local", "sh < stdin"]),
        ("curl -O https://x/a -O https://x/b", &["fetch https://x/a > a", "fetch https://x/b > b"]),
        ("wget https://x/a.sh", &["fetch https://x/a.sh > a.sh"]),
        ("wget -qO- https://x/a", &["fetch https://x/a > stdout"]),
        ("wget -nv -O f https://x/a", &["fetch https://x/a > f"]),
        ("wget -P d https://x/a", &["fetch https://x/a > d/a"]),
        ("wget --no-check-certificate https://x/a", &["off wget --no-check-certificate", "fetch https://x/a > a"]),
        ("V=1; curl https://x/$V/${{ y }} -o $V.t", &["fetch https://x/1/${{ y }} > 1.t"]),
        ("gh release download v1 -R o/r -p a.tgz", &["fetch gh:o/r/releases/v1 > a.tgz"]),
        ("curl u | sudo -E bash -s -- -y", &["fetch u > stdout", "bash < stdin"]),
        ("bash <(curl u)", &["bash < <()", "fetch u > stdout"]),
        ("bash -c \"$(curl u)\"", &["bash < $()", "fetch u > stdout"]),
        ("eval \"$(wget -qO- u)\"", &["eval < $()", "fetch u > stdout"]),
        (". ./env.sh", &[". < ./env.sh"]),
        ("curl u | python3 -m json.tool", &["fetch u > stdout"]),
        ("curl u | python3 -c 'import json'", &["fetch u > stdout", "python3 < text"]),
        ("curl u | jq -r .x", &["fetch u > stdout"]),
        ("bash -euo pipefail x.sh", &["bash < x.sh"]),
        ("echo 'curl u | sh'; cat <<EOF\ncurl u | sh\nEOF\n# curl u | sh", &[]),
        ("chmod +x f && ./f", &["+x f", "exec ./f"]),
        ("sudo ./tool-1.2/install", &["exec ./tool-1.2/install"]),
        ("chmod 0644 f; chmod -R a+rx d", &["+x d"]),
        ("tar xzf a.tgz -C d m", &["extract a.tgz in d m"]),
        ("tar xz -C /usr/local --strip-components 1", &["extract - in /usr/local "]),
        ("tar -C d -xf a.tgz", &["extract a.tgz in d "]),
        ("tar czf a.tgz d", &[]),
        ("unzip -q a.zip -d d", &["extract a.zip in d "]),
        ("gunzip -c a.gz > b", &["extract a.gz in . b"]),
        ("sudo install -m 755 a /usr/local/bin/", &["Install a to /usr/local/bin/"]),
        ("mv -t d a b", &["Move a b to d/"]),
        ("sudo dpkg -i ./x.deb", &["dpkg file ./x.deb"]),
        ("sudo apt-get install -y ./x.deb", &["apt file ./x.deb"]),
        ("pip install ./x.whl", &["pip file ./x.whl"]),
        ("echo 'ab  f' | sha256sum -c -", &["verify Checksum f by literal fatal"]),
        ("sha256sum -c f.sha256 || true", &["verify Checksum f by f.sha256"]),
        ("sha256sum -c f.sha256 || exit 1", &["verify Checksum f by f.sha256 fatal"]),
        ("set +e\nsha256sum -c f.sha256\nls", &["set errexit false", "verify Checksum f by f.sha256"]),
        ("shasum -a 256 -c S | tee l", &["verify Checksum  by S"]),
        ("sha256sum f", &["digest f"]),
        ("x=$(sha256sum f); sha256sum f > s; sha256sum f | cut -c1-8 >> $GITHUB_OUTPUT", &[]),
        ("for i in 1 2 3; do sha256sum -c S && break; sleep 1; done", &["verify Checksum  by S fatal"]),
        ("if ! sha256sum -c S; then exit 1; fi", &["verify Checksum  by S fatal"]),
        ("[ \"$(sha256sum f | cut -d' ' -f1)\" = \"$E\" ] || exit 1", &["verify Compare f by $E fatal"]),
        ("a=$(sha256sum f)\nif [[ $a != $E ]]; then exit 1; fi", &["verify Compare f by $E fatal"]),
        ("sha256sum -c <<< \"ab  f\"", &["verify Checksum f by literal fatal"]),
        ("gpg --batch --verify f.asc f", &["verify Gpg f by keyring fatal"]),
        ("cosign verify-blob --key k --signature s f", &["verify Cosign f by key k fatal"]),
        ("gh attestation verify f --repo o/r", &["verify GhAttestation f by identity o/r fatal"]),
        ("minisign -Vm f -P k", &["verify Minisign f by key k fatal"]),
        ("GIT_SSL_NO_VERIFY=1 git pull", &["off GIT_SSL_NO_VERIFY"]),
        ("git -c http.sslVerify=false pull", &["off git http.sslVerify=false"]),
        ("git config --global http.sslVerify false", &["off git http.sslVerify=false"]),
        ("npm config set strict-ssl false", &["off npm strict-ssl=false"]),
        ("env NODE_TLS_REJECT_UNAUTHORIZED=0 node x.js", &["node < x.js", "off NODE_TLS_REJECT_UNAUTHORIZED=0"]),
        ("export GOSUMDB=off", &["off GOSUMDB=off"]),
        ("echo PYTHONHTTPSVERIFY=0 >> $GITHUB_ENV", &["off PYTHONHTTPSVERIFY=0"]),
        ("echo 'deb [trusted=yes] http://x y z' > l", &["off apt [trusted=yes]"]),
        ("aws --no-verify-ssl s3 ls", &["off aws --no-verify-ssl"]),
        ("http --verify=no POST https://x/a", &["fetch https://x/a > stdout", "off http --verify=no"]),
        ("composer config secure-http false", &["off composer disable-tls"]),
        ("choco install -y --ignore-checksums x", &["off choco --ignore-checksums", "choco install: x"]),
        ("ssh-keyscan h >> ~/.ssh/known_hosts", &["off ssh-keyscan"]),
        ("ssh-keyscan h | tee -a ~/.ssh/known_hosts", &["off ssh-keyscan"]),
        ("ssh-keyscan h > /tmp/keys", &[]),
        ("export COREPACK_INTEGRITY_KEYS=0", &["off COREPACK_INTEGRITY_KEYS=0"]),
        ("printf '[x]\\ngpgcheck=0\\n' > /etc/yum.repos.d/x.repo", &[]),
        ("cat > /etc/yum.repos.d/x.repo <<EOF\n[x]\ngpgcheck=0\nEOF", &["off gpgcheck=0"]),
        ("go env -w GOSUMDB=off", &["off GOSUMDB=off"]),
        ("GIT_SSH_COMMAND='ssh -o StrictHostKeyChecking=no' git pull", &["off ssh StrictHostKeyChecking=no"]),
        ("ssh -o StrictHostKeyChecking=no h", &["off ssh StrictHostKeyChecking=no"]),
        ("apk add --allow-untrusted x", &["off apk --allow-untrusted", "apk add: x"]),
        (
            "cargo +stable install --locked x@1.2 y",
            &["cargo-install x 1.2 - - - true false", "cargo-install y - - - - true false"],
        ),
        ("cargo install --git u --rev r x", &["cargo-install x - - u r false false"]),
        ("cargo binstall -y x", &["cargo-install x - - - - false true"]),
        ("cargo test --locked -- --frozen", &["cargo test true"]),
        ("cargo build -- --locked", &["cargo build false"]),
        ("python -m pip install -U pip -r r.txt", &["pip install: pip r.txt"]),
        ("pdm sync -dG testing -G tooling", &["pdm sync:"]),
        ("uvx ruff check .", &["uvx : ruff"]),
        ("docker build --build-arg A=b -t x:1 -f d/Dockerfile .", &["build . d/Dockerfile - x:1 false"]),
        (
            "docker buildx build --push --target app --tag=a --tag b --platform linux/amd64 ctx",
            &["build ctx - app a,b true", "publish docker build --push"],
        ),
        ("npm ci", &["npm ci:"]),
        ("go install x/y@latest", &["go install: x/y@latest"]),
        ("twine upload d/*", &["publish twine upload"]),
        ("python -m twine upload d/*", &["publish twine upload"]),
        ("gh release edit v1 --draft=false", &["publish gh release edit"]),
        ("mvn --batch-mode -DskipTests deploy -P deploy-to-ossrh", &["mvn in .", "publish mvn deploy"]),
        ("mvn -P deploy package", &["mvn in ."]),
        ("gradle :core:publishToMavenCentral", &["gradle in .", "publish gradle publish"]),
        ("gradle publishToMavenLocal", &["gradle in ."]),
        ("gh release edit v1 --notes x", &[]),
        ("aws s3 cp f s3://b/", &["publish aws s3 upload"]),
        ("aws s3 cp s3://b/f .", &["fetch s3://b/f > f"]),
        ("cargo publish --dry-run", &["cargo publish false"]),
        ("set -euo pipefail", &["set errexit true", "set nounset true", "set pipefail true"]),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), *expected, "{text}");
    }
}

#[test]
fn scripts_called() {
    let cases = [
        ("./scripts/x.sh", "script ./scripts/x.sh by -"),
        ("bash scripts/x.sh", "script scripts/x.sh by bash"),
        ("make -C d release", "script release by make"),
    ];
    for (text, expected) in cases {
        let program = shell::parse(text, &mut Budget::default());
        let acts = facts(&program);
        assert!(acts.iter().map(line).any(|l| l == expected), "{text}: {acts:?}");
    }
}

#[test]
fn pipes_reach_interpreters() {
    let cases = [
        ("curl u | sh", 1),
        ("curl u | tee f | sudo bash", 1),
        ("curl u | base64 -d | gunzip | sh -s -- x", 1),
        ("(curl u; true) | { sh; }", 1),
        ("sh -c \"$(curl u)\"", 1),
        ("source <(curl u)", 1),
        ("bash < <(curl u)", 1),
        ("bash <<< \"$(curl u)\"", 1),
        ("echo \"$(curl u)\" | sh", 1),
        ("bash -c 'curl u | sh'", 1),
        ("curl u | jq .", 0),
        ("curl u | python -m json.tool", 0),
        ("curl -o f u | sh", 0),
        ("foo --token \"$(curl u)\" | sh", 0),
        ("x=$(curl u)\nls | sh", 0),
        ("curl u | xargs sh x.sh", 0),
        ("curl u | tar xz", 0),
    ];
    for (text, expected) in cases {
        let program = shell::parse(text, &mut Budget::default());
        assert_eq!(pipe_to_interpreter(&program, &facts(&program)).len(), expected, "{text}");
    }
}

#[test]
fn options_keep_their_values_and_places() {
    let cases: &[(&str, &[&str], &[&str])] = &[
        (
            "pip install --no-cache-dir -i https://example.com/s a==1 --trusted-host example.com -rreq.txt",
            &["a==1", "req.txt"],
            &["--no-cache-dir", "-i https://example.com/s", "--trusted-host example.com", "-r req.txt"],
        ),
        (
            "pip install --extra-index https://example.com/s -r req.txt",
            &["req.txt"],
            &["--extra-index https://example.com/s", "-r req.txt"],
        ),
        ("pip install -e . -c c.txt 'x[y]>=1'", &["x[y]>=1", ".", ""], &["-e .", "-c c.txt"]),
        ("uv pip sync --system req.txt", &["req.txt"], &["--system"]),
        (
            "uvx --from git+https://example.com/t tool --index x",
            &["git+https://example.com/t"],
            &["--from git+https://example.com/t"],
        ),
        ("uv run --with a==2 python -m b --with c", &["a==2"], &["--with a==2"]),
        ("uv run pip install z", &["z"], &[]),
        ("run() { \"$@\"; }; run 'a b' uv pip install c", &["c"], &[]),
        ("retry() { \"$@\"; }; retry 3 \"$V/python\" -m pip install c", &["c"], &[]),
        ("\"$PY\" -m pip install c", &["c"], &[]),
        ("docker exec -it x bash -c 'pip install c'", &["c"], &[]),
        ("pipx inject env a b", &["a", "b"], &[]),
        (
            "conda install -y -c conda-forge --solver libmamba 'ffmpeg<7' numpy=1.26",
            &["ffmpeg<7", "numpy=1.26"],
            &["-y", "-c conda-forge", "--solver libmamba"],
        ),
        ("mamba env update -n base -f env.yml", &["env.yml"], &["-n base", "-f env.yml"]),
        ("conda-lock install -n x conda-lock.yml", &["conda-lock.yml"], &["-n x"]),
        ("pixi global install ruff", &["ruff"], &[]),
    ];
    for (text, operands, options) in cases {
        let program = shell::parse(text, &mut Budget::default());
        let acts = facts(&program);
        let found = acts.iter().find_map(|a| match &a.kind {
            K::PackageInstall { names, files, options, .. } => Some((names, files, options)),
            _ => None,
        });
        let (names, files, found) = found.unwrap_or_else(|| panic!("{text}"));
        let shown: Vec<_> = names.iter().chain(files).map(|o| o.text.as_str()).collect();
        let expected: Vec<_> = operands.iter().copied().filter(|o| !o.is_empty()).collect();
        assert_eq!(shown, expected, "{text}");
        for operand in names.iter().chain(files) {
            assert!(text[operand.range.clone()].contains(&operand.text), "{text}: {operand:?}");
        }
        let shown: Vec<_> =
            found.iter().map(|o| o.value.as_ref().map_or(o.name.clone(), |v| format!("{} {v}", o.name))).collect();
        assert_eq!(shown, *options, "{text}");
    }
}

#[test]
fn settings_of_package_managers_are_found() {
    let cases: &[(&str, &[&str])] = &[
        ("PIP_INDEX_URL=https://example.com/s pip install a", &["PIP_INDEX_URL https://example.com/s there"]),
        ("export UV_INDEX=x\nuv sync", &["UV_INDEX x"]),
        ("env PIP_PRE=1 pip install a", &["PIP_PRE 1 there"]),
        (
            "pip config set global.extra-index-url https://example.com/s",
            &["PIP_EXTRA_INDEX_URL https://example.com/s lasts"],
        ),
        ("python -m pip config set install.trusted-host example.com", &["PIP_TRUSTED_HOST example.com lasts"]),
        (
            "echo \"UV_INDEX_STRATEGY=unsafe-best-match\" >> $GITHUB_ENV",
            &["UV_INDEX_STRATEGY unsafe-best-match there lasts"],
        ),
        ("conda config --add channels conda-forge", &["CONDA_CHANNELS conda-forge first lasts"]),
        ("micromamba config append channels nvidia", &["CONDA_CHANNELS nvidia last lasts"]),
        ("mamba config --set channel_priority strict", &["CONDA_CHANNEL_PRIORITY strict lasts"]),
        ("PATH=x make", &[]),
        (
            r#"printf "[global]\nextra-index-url = https://example.com/s\n" > /etc/pip.conf"#,
            &["PIP_EXTRA_INDEX_URL https://example.com/s lasts"],
        ),
        (
            "echo '[global]' > ~/.pip/pip.conf && echo 'index-url = https://example.com/s' >> ~/.pip/pip.conf",
            &["PIP_INDEX_URL https://example.com/s lasts"],
        ),
        (
            "cat > /etc/pip.conf <<EOF\n[global]\nextra-index-url =\n  https://a.example.com\n  https://b.example.com\ntimeout = 3\nEOF\n",
            &["PIP_EXTRA_INDEX_URL  https://a.example.com https://b.example.com lasts"],
        ),
        ("echo 'index-url = https://example.com/s' > notes.txt", &[]),
    ];
    for (text, expected) in cases {
        let program = shell::parse(text, &mut Budget::default());
        let found = settings(&program);
        let shown: Vec<_> = found
            .iter()
            .map(|s| {
                let there = if s.only_there { " there" } else { "" };
                format!("{} {}{there}{}", s.name, s.value, if s.lasts { " lasts" } else { "" })
            })
            .collect();
        assert_eq!(shown, *expected, "{text}");
        assert!(found.iter().all(|s| text.get(s.range.clone()).is_some_and(|t| !t.is_empty())), "{text}");
    }
}
