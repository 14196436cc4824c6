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
    facts(&program).iter().filter(|a| !matches!(a.kind, K::CallsScript { .. })).map(line).collect()
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

/// The facts that say where files come from.
fn sources(text: &str) -> Vec<String> {
    let program = shell::parse(text, &mut Budget::default());
    let acts = facts(&program);
    let wanted = acts.iter().filter(|a| {
        matches!(
            a.kind,
            K::Fetch { .. }
                | K::Clone { .. }
                | K::Checkout { .. }
                | K::HubDownload { .. }
                | K::Load { .. }
                | K::BuildFolder { .. }
                | K::Container { .. }
                | K::Interpret { input: Input::Substitution(_), .. }
        )
    });
    wanted.map(line).collect()
}

#[test]
fn every_program_that_brings_files() {
    for (text, expected) in [
        ("curl -OL https://example.com/v1/x.tgz", &["fetch https://example.com/v1/x.tgz > x.tgz"][..]),
        ("curl -#Lo a https://h/x --next -o b https://h/y", &["fetch https://h/x > a", "fetch https://h/y > b"]),
        (
            "curl --remote-name-all --output-dir d https://h/x https://h/y",
            &["fetch https://h/x > d/x", "fetch https://h/y > d/y"],
        ),
        ("V=1.2\nB=https://h/v$V/$(uname -m)\ncurl -fsSL $B/x -o x", &["fetch https://h/v1.2/$(...)/x > x"]),
        ("wget -qO- https://h/x", &["fetch https://h/x > stdout"]),
        ("wget -P d -nv https://h/x", &["fetch https://h/x > d/x"]),
        ("wget -m https://h/x/", &["fetch https://h/x/ > ./"]),
        ("wget --spider https://h/x", &[]),
        ("aria2c -x 8 -d d -o x https://h/y", &["fetch https://h/y > d/x"]),
        ("axel -n 4 -o x https://h/y", &["fetch https://h/y > x"]),
        ("http --download https://h/y", &["fetch https://h/y > y"]),
        ("gh release download v1 -R o/r -p x.tgz -D d", &["fetch gh:o/r/releases/v1 > d/x.tgz"]),
        ("gh release download -R o/r -p '*.whl'", &["fetch gh:o/r/releases/latest > ./"]),
        ("gh api repos/o/r/tarball/main > x.tgz", &["fetch https://api.github.com/repos/o/r/tarball/main > x.tgz"]),
        ("gh api repos/o/r/pulls", &[]),
        ("gh api -X POST repos/o/r/contents/x", &[]),
        ("aws s3 cp s3://b/x.tgz .", &["fetch s3://b/x.tgz > x.tgz"]),
        ("aws s3 sync --profile p s3://b/d out", &["fetch s3://b/d > out/"]),
        ("aws s3 cp out s3://b/d", &[]),
        ("aws s3 cp s3://b/i.sh - | bash", &["fetch s3://b/i.sh > stdout"]),
        ("gsutil -m cp -r gs://b/d /m", &["fetch gs://b/d > /m/"]),
        ("gcloud storage cp gs://b/x y", &["fetch gs://b/x > y"]),
        ("az storage blob download --account-name a --container-name c -n x -f y", &["fetch az://a/c/x > y"]),
        ("azcopy copy 'https://a/c/x' y", &["fetch https://a/c/x > y"]),
        ("oras pull r.example.com/x:v1 -o d", &["fetch oci://r.example.com/x:v1 > d/"]),
        ("crane export r.example.com/x:v1 - | tar x", &["fetch oci://r.example.com/x:v1 > stdout"]),
        ("skopeo copy docker://r/x:1 docker-archive:x.tar", &["fetch oci://r/x:1 > x.tar"]),
        ("skopeo copy docker://r/x:1 docker://s/x:1", &[]),
        ("scp -P 22 u@host:/a/x.sh .", &["fetch scp://u@host/a/x.sh > x.sh"]),
        ("scp x u@host:/a", &[]),
        ("rsync -az u@host:d/ out/", &["fetch rsync://u@host/d/ > out/"]),
        ("rsync -a a/ b/", &[]),
        ("gdown https://drive.example.com/uc?id=1 -O w.pt", &["fetch https://drive.example.com/uc?id=1 > w.pt"]),
        (
            "python -c 'import urllib.request; urllib.request.urlretrieve(\"https://h/x\", \"y\")'",
            &["fetch https://h/x > y"],
        ),
        (
            "python3 - <<'EOF'\nimport requests\nu = 'https://h/' + 'x'\nexec(requests.get(u).text)\nEOF",
            &["fetch https://h/x > stdout", "python < $()"],
        ),
        ("python -c \"print(config.get('https://h'))\"", &[]),
        (
            "node -e \"fetch('https://h/x').then(r => r.text()).then(eval(t))\"",
            &["fetch https://h/x > stdout", "node < $()"],
        ),
        ("git clone -b v1 --depth 1 https://h/a.git", &["clone https://h/a.git v1 > a/"]),
        ("git -C d clone https://h/a b", &["clone https://h/a - > d/b/"]),
        ("cd a && git checkout abc", &["checkout abc in ."]),
        ("git -C a checkout -b x origin/y", &["checkout origin/y in a"]),
        ("git checkout -- f; git checkout -b new", &[]),
        ("git fetch --depth 1 origin abc && git checkout FETCH_HEAD", &["checkout abc in ."]),
        (
            "git submodule update --init --recursive --remote",
            &["checkout the newest commit of each submodule's branch in ."],
        ),
        ("git submodule update --init", &[]),
        ("gh repo clone o/r d -- --depth 1", &["clone https://github.com/o/r - > d/"]),
        ("svn export -r 7 https://h/p/trunk d", &["clone https://h/p/trunk r7 > d/"]),
        ("npx degit o/r#main d", &["clone https://github.com/o/r main > d/"]),
        ("hf download o/m w.bin --revision abc --local-dir d", &["hf download o/m abc > d/"]),
        ("uvx --from huggingface_hub hf download o/d --repo-type dataset", &["hf download o/d - > unknown"]),
        ("docker exec ollama ollama pull llama3.2:3b", &["ollama pull llama3.2:3b - > unknown"]),
        ("vllm serve o/m --trust-remote-code", &["vllm serve o/m - > unknown"]),
        ("vllm serve --model o/m --revision abc", &["vllm serve o/m abc > unknown"]),
        ("llama-server -hf o/m:Q4 --port 1", &["llama.cpp -hf o/m:Q4 - > unknown"]),
        ("python -m spacy download en_core_web_sm", &["spacy download en_core_web_sm - > unknown"]),
        (
            "python -c \"from transformers import AutoModel; AutoModel.from_pretrained('o/m')\"",
            &["from_pretrained o/m - > unknown"],
        ),
        (
            "python <<E\nsnapshot_download(repo_id='o/m', revision=REV)\nE",
            &["snapshot_download o/m ${revision} > unknown"],
        ),
        ("python -c \"AutoModel.from_pretrained('./local')\"", &[]),
        ("docker load -i x.tar", &["docker load x.tar"]),
        ("kubectl apply -f https://h/x.yaml -n n", &["kubectl apply https://h/x.yaml"]),
        ("cat x | kubectl apply -f -", &["kubectl apply -"]),
        ("helm upgrade -i --version 1 eg oci://h/c", &["helm install oci://h/c"]),
        ("docker compose -f https://h/c.yml up -d", &["docker compose https://h/c.yml"]),
        ("make -C d -j8", &["make in d"]),
        ("cmake -S a -B b && cmake --build b", &["cmake in a", "cmake in b"]),
        ("../configure --prefix=/x", &["configure in .."]),
        ("docker run --rm -it -p 8080:80 -v $PWD:/w o/i:1 sh", &["docker run o/i:1 - mounts"]),
        ("docker run --rm -v /var/run/docker.sock:/s o/i bash -c 'ls'", &["docker run o/i the engine's socket"]),
        ("sudo docker pull -q o/i", &["docker pull o/i -"]),
    ] {
        assert_eq!(sources(text), expected, "{text}");
    }
}

#[test]
fn checks_say_against_what_and_whom() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let cases: &[(&str, &[&str])] = &[
        // Lists.
        ("sha256sum --check <<EOF\nDIGEST  f\nEOF", &["verify Checksum f by literal fatal"]),
        ("echo \"$S  f\" | sha256sum -c -", &["verify Checksum f by $S fatal"]),
        ("echo $S f | sha256sum -c -", &["verify Checksum f by $S fatal"]),
        ("S=ab\nF=$(x)\necho \"$S  $F\" | sha256sum -c -", &["verify Checksum ${F} by literal fatal"]),
        ("echo \"${{ env.S }}  f\" | sha256sum -c -", &["verify Checksum f by $env.S fatal"]),
        ("echo \"$(cat f.sha256)  f\" | shasum -a 256 --check", &["verify Checksum f by f.sha256 fatal"]),
        ("shasum -c f.sha1", &["verify WeakChecksum f by f.sha1 fatal"]),
        ("md5sum -c f.md5", &["verify WeakChecksum f by f.md5 fatal"]),
        ("grep ' f$' SUMS | sha256sum -c -", &["verify Checksum f by SUMS fatal"]),
        ("sha256sum -c <(grep f SUMS)", &["verify Checksum f by SUMS fatal"]),
        (
            "curl -sL https://x/SUMS | grep f | sha256sum -c -",
            &["fetch https://x/SUMS > stdout", "verify Checksum f by https://x/SUMS fatal"],
        ),
        (
            "echo \"$(curl -sL https://x/f.sha256)  f\" | sha256sum -c",
            &["fetch https://x/f.sha256 > stdout", "verify Checksum f by https://x/f.sha256 fatal"],
        ),
        ("b3sum -c SUMS", &["verify Checksum  by SUMS fatal"]),
        // Comparisons.
        ("test \"$(openssl dgst -sha256 f | awk '{print $NF}')\" = DIGEST", &["verify Compare f by literal fatal"]),
        ("[ \"$(md5sum f)\" = \"$(cat f.md5)\" ]", &["verify WeakChecksum f by f.md5 fatal"]),
        (
            "a=$(sha256sum f | awk '{print $1}')\ne=$(awk '{print $1}' f.sha256)\n[ \"$a\" = \"$e\" ] || { echo no; exit 1; }",
            &["verify Compare f by f.sha256 fatal"],
        ),
        ("read -r a _ < <(sha256sum f)\n[ $a == DIGEST ]", &["verify Compare f by literal fatal"]),
        ("[[ \"$(cat f | sha256sum)\" == \"DIGEST  -\" ]]", &["verify Compare f by literal fatal"]),
        ("sha256sum f | grep -q DIGEST", &["verify Compare f by literal fatal"]),
        ("sha256sum f | grep -q \"^$S\" || exit 1", &["verify Compare f by $S fatal"]),
        ("sha256sum f | grep -q f", &[]),
        ("diff <(sha256sum f) f.sha256", &["verify Compare f by f.sha256 fatal"]),
        ("sha256sum f | cmp - f.sha256", &["verify Compare f by f.sha256 fatal"]),
        ("[ -n \"$(sha256sum f)\" ]", &[]),
        (
            "python3 -c \"import hashlib; assert hashlib.sha256(open('f','rb').read()).hexdigest() == 'DIGEST'\"",
            &["python3 < text", "verify Compare f by literal fatal"],
        ),
        // Functions of the script.
        (
            "sum() { sha256sum \"$1\" | cut -d' ' -f1; }\n[ \"$(sum f)\" = DIGEST ]",
            &["verify Compare f by literal fatal"],
        ),
        (
            "check() { local file=\"$1\"; echo \"$2  $file\" | sha256sum -c -; }\ncheck f DIGEST",
            &["verify Checksum ${file} by $2 fatal", "verify Checksum f by literal fatal"],
        ),
        (
            "check() { [ \"$(sha256sum \"$1\")\" = \"$2\" ] || return 1; }\ncheck f DIGEST || true",
            &["verify Compare ${1} by $2", "verify Compare f by literal"],
        ),
        // Signers.
        ("gpg --keyring ./keys.gpg --verify f.asc f", &["verify Gpg f by key ./keys.gpg fatal"]),
        ("gpg --keyserver-options auto-key-retrieve --verify f.asc f", &["verify Gpg f by anybody fatal"]),
        ("gpgv --keyring k.gpg f.sig f", &["verify Gpg f by key k.gpg fatal"]),
        (
            "cosign verify-blob --certificate-identity-regexp '.*' --certificate-oidc-issuer https://i --bundle b f",
            &["verify Cosign f by any identity .* fatal"],
        ),
        (
            "cosign verify-blob --certificate-identity https://x/w.yml@v1 --certificate-oidc-issuer-regexp '.*' f",
            &["verify Cosign f by any identity .* fatal"],
        ),
        (
            "cosign verify --certificate-identity-regexp=^https://github.com/o/ --certificate-oidc-issuer=https://i img",
            &["verify Cosign img by identity ^https://github.com/o/ fatal"],
        ),
        ("cosign verify img", &["verify Cosign img by anybody fatal"]),
        ("gh attestation verify f --owner o", &["verify GhAttestation f by identity o fatal"]),
        ("gh attestation verify f", &["verify GhAttestation f by anybody fatal"]),
        ("slsa-verifier verify-artifact --provenance-path p f", &["verify Slsa f by anybody fatal"]),
        (
            "slsa-verifier verify-artifact --provenance-path p --source-uri github.com/o/r f",
            &["verify Slsa f by identity github.com/o/r fatal"],
        ),
        ("openssl dgst -sha256 -verify k.pem -signature f.sig f", &["verify Openssl f by key k.pem fatal"]),
        // Keys.
        ("gpg --keyserver k --recv-keys AB CD", &["gpg key AB CD"]),
        ("curl -sL https://x/KEYS | gpg --import", &["fetch https://x/KEYS > stdout", "gpg key https://x/KEYS"]),
        ("gpg --batch --import ci/key.asc", &["gpg key ci/key.asc"]),
        ("rpm --import https://x/k", &["rpm key https://x/k"]),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(&text.replace("DIGEST", digest)), *expected, "{text}");
    }
}

#[test]
fn powershell_compares_digests() {
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let cases: &[(&str, &[&str])] = &[
        (
            "if ((Get-FileHash f.exe -Algorithm SHA256).Hash -ne 'DIGEST') { throw 'no' }",
            &["verify Compare f.exe by literal fatal"],
        ),
        (
            "$actual = (Get-FileHash -Path f.zip -Algorithm SHA256).Hash.ToLower()\nif ($actual -ne $env:SUM) {\n  Write-Error 'no'\n}",
            &["verify Compare f.zip by $env:SUM fatal"],
        ),
        (
            "$sum = 'DIGEST'\n$h = Get-FileHash f.zip\nif ($h.Hash -ne $sum) { Write-Host 'odd' }",
            &["verify Compare f.zip by literal"],
        ),
        (
            "$e = (Get-Content f.sha256).Split(' ')[0]\nif ((Get-FileHash f).Hash -eq $e) { Expand-Archive f } else { exit 1 }",
            &["verify Compare f by f.sha256 fatal"],
        ),
        ("Get-FileHash f.exe", &["digest f.exe"]),
        (
            "$sig = Get-AuthenticodeSignature f.exe\nif ($sig.Status -ne 'Valid') { throw 'no' }",
            &["verify Openssl f.exe by anybody fatal"],
        ),
        (
            "try { $sig = Get-AuthenticodeSignature -LiteralPath f.exe } catch { $sig = $null }\nif ($null -eq $sig -or\n  $sig.Status -ne 'Valid' -or\n  $sig.SignerCertificate.Subject -notmatch 'O=Example') {\n  Write-Host 'odd'\n  return $null\n}",
            &["verify Openssl f.exe by identity the subject of the certificate fatal"],
        ),
        (
            "$s = Get-AuthenticodeSignature f.exe\nif ($s.Status -ne 'Valid') { throw 'no' }\nif ($s.SignerCertificate.Thumbprint -ne 'AB') { throw 'no' }",
            &[
                "verify Openssl f.exe by identity the subject of the certificate fatal",
                "verify Openssl f.exe by identity the subject of the certificate fatal",
            ],
        ),
        (
            "$s = Get-AuthenticodeSignature f.exe\nif ($s.Status -ne 'Valid') { Write-Host $s.SignerCertificate.Subject }",
            &["verify Openssl f.exe by anybody"],
        ),
    ];
    for (text, expected) in cases {
        let program = shell::parse_powershell(&text.replace("DIGEST", digest), &mut Budget::default());
        let acts = facts(&program);
        let found: Vec<String> =
            acts.iter().map(line).filter(|l| l.starts_with("verify") || l.starts_with("digest")).collect();
        assert_eq!(found, *expected, "{text}");
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
fn values_of_powershell_run_nothing() {
    for text in [
        "$t = [System.IO.Path]::GetTempFileName()\n$c.DownloadFile($u, $t)\n$zip = $t + '.zip'",
        "iwr https://x/a.ico -OutFile $i\n$bytes = [System.IO.File]::ReadAllBytes($i)",
        "iwr https://x/a -OutFile $f\nif (Test-Path $f) { $f }",
    ] {
        let program = shell::parse_powershell(text, &mut Budget::default());
        let found: Vec<String> = facts(&program).iter().map(line).filter(|l| l.starts_with("exec")).collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
    let program = shell::parse_powershell("iwr https://x/a -OutFile $f\n& $f /quiet", &mut Budget::default());
    assert!(facts(&program).iter().map(line).any(|l| l == "exec ${f}"), "{:?}", facts(&program));
}

#[test]
fn powershell_fetches() {
    let cases: &[(&str, &[&str], usize)] = &[
        ("irm https://x/i.ps1 | iex", &["fetch https://x/i.ps1 > stdout", "iex < stdin"], 1),
        ("iex (iwr -useb https://x/i.ps1)", &["iex < $()", "fetch https://x/i.ps1 > stdout"], 1),
        (
            "iex ((New-Object Net.WebClient).DownloadString('https://x/i'))",
            &["iex < $()", "fetch https://x/i > stdout"],
            1,
        ),
        ("Invoke-WebRequest -Uri \"https://x/a\" -OutFile a.exe\n# irm u | iex", &["fetch https://x/a > a.exe"], 0),
        ("Write-Host 'irm u | iex'", &[], 0),
        ("$s = irm https://x/i\niex $s", &["fetch https://x/i > stdout", "iex < $()"], 1),
        ("iex \"& { $(irm https://x/i) } -v 1\"", &["iex < $()", "fetch https://x/i > stdout"], 1),
        ("& ([scriptblock]::Create((irm https://x/i))) -Lite", &["scriptblock < $()", "fetch https://x/i > stdout"], 1),
        (
            "$f = Join-Path $env:TEMP 'a.exe'\nInvoke-WebRequest -Uri \"https://x/a\" -OutFile $f\nStart-Process -FilePath $f -Wait",
            &["fetch https://x/a > ${f}", "exec ${f}"],
            0,
        ),
        (
            "curl.exe -fL https://x/a.zip -o t\\a.zip\nExpand-Archive -LiteralPath t\\a.zip t",
            &["fetch https://x/a.zip > t/a.zip", "extract t/a.zip in t "],
            0,
        ),
        (
            "Start-BitsTransfer -Source https://x/a.msi -Destination a.msi; msiexec /i a.msi /qn",
            &["fetch https://x/a.msi > a.msi", "msiexec file a.msi"],
            0,
        ),
        (
            "$w = [Net.WebClient]::new(); $w.DownloadFile('https://x/a', \"$d\\a.exe\")\n& \"$d\\a.exe\"",
            &["fetch https://x/a > ${d}/a.exe", "exec ${d}/a.exe"],
            0,
        ),
        ("certutil -urlcache -f https://x/a a.exe", &["fetch https://x/a > a.exe"], 0),
    ];
    for (text, expected, pipes) in cases {
        let program = shell::parse_powershell(text, &mut Budget::default());
        let acts = facts(&program);
        assert_eq!(acts.iter().map(line).collect::<Vec<_>>(), *expected, "{text}");
        assert_eq!(pipe_to_interpreter(&program, &acts).len(), *pipes, "{text}");
    }
}

#[test]
fn sources_and_installers_of_many_languages() {
    let cases: &[(&str, &[&str])] = &[
        ("add-apt-repository -y ppa:o/p", &["apt source ppa:o/p by -"]),
        ("add-apt-repository universe; add-apt-repository --remove ppa:o/p", &[]),
        ("add-apt-repository \"deb [arch=amd64] https://x/d focal main\"", &["apt source https://x/d by -"]),
        (
            "echo \"deb [signed-by=/k/x.asc] https://x/d s main\" | sudo tee /etc/apt/sources.list.d/x.list > /dev/null",
            &["apt source https://x/d by /k/x.asc"],
        ),
        ("echo 'deb https://x/d s main'", &[]),
        (
            "printf '[x]\\nbaseurl=https://x/\\ngpgcheck=0\\n' > /etc/yum.repos.d/x.repo",
            &["dnf source https://x/ by -"],
        ),
        (
            "cat > /etc/yum.repos.d/x.repo <<EOF\n[x]\nbaseurl = https://x/\ngpgcheck = 0\nEOF",
            &["off gpgcheck=0", "dnf source https://x/ by - unsigned"],
        ),
        (
            "cat > /etc/apt/sources.list.d/x.sources <<EOF\nTypes: deb\nURIs: https://x/d\nSigned-By: /k\nEOF",
            &["apt source https://x/d by /k"],
        ),
        ("dnf config-manager --add-repo=https://x/x.repo", &["dnf source https://x/x.repo by -"]),
        (
            "curl -fsSL https://x/x.repo -o /etc/yum.repos.d/x.repo",
            &["fetch https://x/x.repo > /etc/yum.repos.d/x.repo", "dnf source https://x/x.repo by -"],
        ),
        (
            "curl -s https://x/l | sed 's/a/b/' | tee /etc/apt/sources.list.d/l.list",
            &["fetch https://x/l > stdout", "apt source https://x/l by -"],
        ),
        (
            "dnf install -y https://x/epel-release-9.rpm",
            &["dnf install: https://x/epel-release-9.rpm", "dnf source https://x/epel-release-9.rpm by -"],
        ),
        ("brew tap o/t; brew tap homebrew/cask", &["brew source o/t by -"]),
        ("brew install o/t/f jq", &["brew install: o/t/f jq", "brew source o/t by -"]),
        ("gem sources --add http://x/", &["gem source http://x/ by -"]),
        ("choco source add -n=x -s=\"https://x/v3\"", &["choco source https://x/v3 by -"]),
        ("yarn", &["yarn install:"]),
        ("yarn --cwd ui", &["yarn install:"]),
        ("yarn install --network-timeout 100000", &["yarn install:"]),
        ("yarn test; yarn --version", &[]),
        ("bundle", &["bundle install:"]),
        ("winget install --id A.B -e", &["winget install: A.B"]),
        ("Install-Module -Name Pester -Force", &["powershell : Pester"]),
        ("code --install-extension a.b --install-extension c.d", &["code : a.b c.d"]),
        ("code .", &[]),
        ("deno run -A jsr:@a/b --x; deno run main.ts", &["deno run: jsr:@a/b"]),
        ("nix run github:o/r -- --help; nix run .#x", &["nix run: github:o/r"]),
        ("dotnet tool install -g t --version 1", &["dotnet tool install: t"]),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), *expected, "{text}");
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
fn a_failure_at_the_end_is_the_scripts() {
    for (text, fatal) in [
        ("curl -o f u; echo 'ab  f' | sha256sum -c -; sh f", false),
        ("curl -o f u; echo 'ab  f' | sha256sum -c -", true),
        ("curl -o f u && echo 'ab  f' | sha256sum -c - && chmod +x f", true),
        ("echo 'ab  f' | sha256sum -c - && chmod +x f; ls", false),
        ("echo 'ab  f' | sha256sum -c - || true", false),
        ("echo \"$(sha256sum -c f && true)\"", false),
        ("set -e; echo 'ab  f' | sha256sum -c -; sh f", true),
        ("bash <<EOF\nif x; then\nset -e\nsha256sum -c f\nsh f\nfi\nEOF\n", true),
        ("bash <<EOF\nif x; then\nsha256sum -c f\nsh f\nfi\nEOF\n", false),
        ("bash -ex <<EOF\nsha256sum -c f\nsh f\nEOF\n", true),
    ] {
        let mut program = shell::parse(text, &mut Budget::default());
        program.options.errexit = false;
        let found = facts(&program).into_iter().find_map(|act| match act.kind {
            K::Verify { fatal, .. } => Some(fatal),
            _ => None,
        });
        assert_eq!(found, Some(fatal), "{text}");
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

/// Each was run by bash: the failing command is `check`, and `use` is the one that must not run.
#[test]
fn what_becomes_of_a_failure_is_what_bash_makes_of_it() {
    // The text, whether the script ends with a failure, whether `use` runs all the same.
    let cases: &[(&str, bool, bool)] = &[
        ("set -e; check; use", true, false),
        ("check; use", false, true),
        ("use; check", true, false),
        ("set -e; { check && a; }; use", false, true),
        ("set -e; (check && a); use", true, false),
        ("set -e; f() { check && a; }; f; use", true, false),
        ("set -e; { check; use; } | cat; b", false, false),
        ("set -e; (check; use) || true; b", false, true),
        ("set -e; x=$(check; use); b", false, true),
        ("set -e; x=$(check); use", true, false),
        ("set -e; echo $(check); use", false, true),
        ("set -e; echo \"$(check)\"; use", false, true),
        ("set -e; export x=$(check); use", false, true),
        ("set -e; f() { local x=$(check); use; }; f", false, true),
        ("set -e; f() { check; use; }; f", true, false),
        ("set -e; f() { check; use; }; if f; then a; fi", false, true),
        ("set -e; f() { check; use; }; f && a; b", false, true),
        ("set -e; f() { check; use; }; f || exit 3; b", false, true),
        ("set -e; f() { check; use; }; x=$(f); b", false, true),
        ("f() { check; use; }; set -e; f", true, false),
        ("f() { check || return 1; use; }; f; b", false, false),
        ("f() { check || return 1; use; }; f || exit 6; b", true, false),
        ("f() { check || exit 1; use; }; f || true; b", true, false),
        ("set -e; f() { if ! check; then return 1; fi; use; }; f; b", true, false),
        ("die() { echo \"$1\"; exit 1; }; check || die no; use", true, false),
        ("nag() { if a; then exit 1; fi; }; check || nag; use", false, true),
        ("set -e; ! check; use", false, true),
        ("set -e; ! { check; use; }; b", false, true),
        ("set -e; bash -c 'check; use'; b", false, true),
        ("set -e; bash -ec 'check; use' || c; b", true, false),
        ("set -e; if (set -e; check; use); then c; fi; b", false, true),
        ("set -e; for i in 1 2; do check; done; use", true, false),
        ("set -e; while true; do check; use; break; done", true, false),
        ("set -e; check & use", false, true),
        ("set -e; (check) & use", false, true),
        ("set -e; true | check; use", true, false),
        ("set -e; check | true; use", false, true),
        ("set -eo pipefail; check | true; use", true, false),
        ("set -euo pipefail; set +o pipefail; check | true; use", false, true),
        ("set -o pipefail; check | true || exit 3; use", true, false),
        ("set -e; cat <(check); use", false, true),
        ("check || { echo no; exit 5; }; use", true, false),
        ("set -e; check || (echo no; exit 5); use", true, false),
        ("check || (echo no; exit 5); use", false, true),
        ("set -e; { check || true; }; use", false, true),
        ("set -e; case x in x) check;; esac; use", true, false),
        ("set -e; true && check; use", true, false),
        ("set -e; check && use; b", false, false),
        ("set -e; check && a || true; use", false, true),
        ("set -e; set +e; check; use; set -e", false, true),
        ("set +e; a; set -e; check; use", true, false),
        ("(set -e); check; use", false, true),
        ("f() { set -e; }; f; check; use", true, false),
        ("{ set -e; }; check; use", true, false),
        ("if a; then set +e; fi; check; use", false, true),
        ("shopt -so errexit; check; use", true, false),
        ("set -o errexit; check > /dev/null; use", true, false),
        ("set -e; eval 'check; use'; b", true, false),
        ("set -e; eval 'check; use' || true; b", false, true),
        ("if ! check; then exit 1; fi; use", true, false),
        ("if check; then use; fi; b", false, false),
        ("if check; then a; else exit 1; fi; use", true, false),
        ("if { check; use; }; then a; else exit 1; fi", false, true),
        ("if a || check; then use; fi; b", false, true),
        ("if a && check; then use; fi; b", false, false),
        ("[ \"$x\" != check ] && exit 1; use", true, false),
    ];
    for (text, fatal, runs) in cases {
        let mut program = shell::parse(text, &mut Budget::default());
        program.options.errexit = false;
        let named = |name: &str| {
            let is = |c: &shell::Command| {
                let words = c.name.iter().chain(&c.args);
                words.filter_map(shell::Word::literal).any(|w| w == name)
            };
            let is_text = |c: &shell::Command| c.args.iter().any(|a| a.literal().is_some_and(|t| t.contains("; ")));
            program.commands.iter().position(|c| is(c) && !is_text(c))
        };
        let check = named("check").expect("check");
        assert_eq!(is_fatal(&program, check), *fatal, "fatal: {text}");
        if let Some(later) = named("use").filter(|later| *later > check) {
            assert_eq!(!prevents(&program, check, later), *runs, "use runs: {text}");
        }
    }
}

/// Far more than real scripts have: whatever is looked up must not look through all of it each time.
#[test]
fn work_grows_with_the_text() {
    let many = |piece: &str, times: usize| piece.repeat(times);
    let cases = [
        many("set -e; echo x | sha256sum -c -; set +e;\n", 8_000),
        many("V=1; use $V ${V:-2} ${V%%.*};\n", 12_000),
        format!("while a; do {} done", many("V=$V/x; use $V;\n", 12_000)),
        many("if a; then V=1; else V=2; fi; use $V;\n", 8_000),
        format!("{}{}", many("f() { sha256sum -c x || return 1; };", 4_000), many("f || true;", 10_000)),
        format!("f() {{ {} }}; {}", many("sha256sum -c x; V=$1;", 4_000), many("f a;", 8_000)),
        many("check() { sha256sum -c x; }; if check; then a; else exit 1; fi;\n", 4_000),
        many("(", 60).as_str().to_owned() + &many("sha256sum -c x; use; ", 10_000) + &many(")", 60),
        format!("A=({}); {}", many("a ", 200), many("\"${A[@]}\";", 4_000)),
        many("if sha256sum -c x; then a; else b; fi;\n", 8_000),
        many("run() { \"$@\"; }; run run run curl x;\n", 6_000),
    ];
    for text in &cases {
        let program = shell::parse(text, &mut Budget::default());
        let acts = facts(&program);
        assert!(program.commands.len() < 1 << 20 && acts.len() <= program.commands.len() * 8);
        for index in 0..program.commands.len() {
            let _ = (errexit_at(&program, index), pipefail_at(&program, index));
        }
    }
}
