//! What brings files, and what PowerShell does with them.

use super::{line, lines};
use crate::commands::ActKind as K;
use crate::commands::*;
use crate::parse::Budget;
use crate::parse::shell;

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
