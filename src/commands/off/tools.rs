//! Options by which single tools leave out a check. Sources: the manual of each.

use crate::commands::site::Site;
use crate::parse::shell::RedirectOp;

/// Programs, the words that say so, and the fixed name of what is turned off. A word that ends in `=` is the
/// beginning of one; two words with a blank between stand one after the other, or joined by `=`.
const OPTIONS: &[(&[&str], &[&str], &str)] = &[
    (&["aws"], &["--no-verify-ssl"], "aws --no-verify-ssl"),
    (&["http", "https", "xh"], &["--verify no", "--verify false"], "http --verify=no"),
    (&["gcloud"], &["auth/disable_ssl_validation true"], "gcloud auth/disable_ssl_validation"),
    (
        &["kubectl", "helm", "oc", "kustomize", "flux"],
        &["--insecure-skip-tls-verify", "--insecure-skip-tls-verify true", "--kube-insecure-skip-tls-verify"],
        "--insecure-skip-tls-verify",
    ),
    (&["oras", "crane", "cosign", "regctl"], &["--insecure", "--allow-insecure-registry"], "registry --insecure"),
    (
        &["deno"],
        &["--unsafely-ignore-certificate-errors", "--unsafely-ignore-certificate-errors="],
        "deno --unsafely-ignore-certificate-errors",
    ),
    (&["composer"], &["disable-tls true", "secure-http false"], "composer disable-tls"),
    (&["bundle", "bundler"], &["ssl_verify_mode 0"], "bundler ssl_verify_mode=0"),
    (&["uv"], &["--no-verify-hashes"], "uv --no-verify-hashes"),
    (&["poetry"], &["--no-verify-hashes"], "uv --no-verify-hashes"),
    (
        &["choco", "chocolatey"],
        &[
            "--ignore-checksums",
            "--ignore-checksum",
            "--ignorechecksums",
            "--allow-empty-checksums",
            "--allowemptychecksums",
        ],
        "choco --ignore-checksums",
    ),
    (&["winget"], &["--ignore-security-hash"], "winget --ignore-security-hash"),
    (&["scoop"], &["--skip-hash-check", "--skip"], "scoop --skip-hash-check"),
    (&["cargo", "cargo-binstall"], &["--skip-signatures"], "cargo binstall --skip-signatures"),
    (
        &["mvn", "mvnw"],
        &["-dmaven.wagon.http.ssl.insecure=true", "-daether.connector.https.securitymode=insecure"],
        "maven ssl.insecure",
    ),
    (
        &["conda", "mamba", "micromamba"],
        &["ssl_verify no", "--insecure", "--ssl-verify false"],
        "conda ssl_verify=false",
    ),
    (&["terraform", "tofu"], &["-verify-plugins=false"], "terraform -verify-plugins=false"),
    (&["go"], &["-insecure"], "GOFLAGS=-insecure"),
    (&["go"], &["gosumdb=off"], "GOSUMDB=off"),
    (
        &["apt", "apt-get", "aptitude"],
        &[
            "apt::get::allowunauthenticated=true",
            "acquire::allowinsecurerepositories=true",
            "acquire::https::verify-peer=false",
        ],
        "apt --allow-unauthenticated",
    ),
    (
        &["dnf", "yum", "microdnf"],
        &["--setopt=gpgcheck=0", "--setopt=sslverify=0", "--setopt=sslverify=false", "--setopt gpgcheck=0"],
        "dnf --nogpgcheck",
    ),
    (&["zypper"], &["--gpg-auto-import-keys"], "zypper --gpg-auto-import-keys"),
    (
        &["install-module", "install-script", "install-psresource"],
        &["-skippublishercheck"],
        "PowerShell -SkipPublisherCheck",
    ),
    (&["cosign"], &["--private-infrastructure"], "cosign --insecure-ignore-tlog"),
    (&["svn"], &["--trust-server-cert", "--trust-server-cert-failures="], "svn --trust-server-cert"),
    (&["git-lfs"], &["http.sslverify=false"], "git http.sslVerify=false"),
];

/// What a call turns off; `words` are its arguments in small letters.
pub(super) fn of(site: &Site<'_>, words: &[String]) -> Option<&'static str> {
    let name = site.call.name.to_ascii_lowercase();
    if name == "ssh-keyscan" && takes_over_keys(site) {
        return Some("ssh-keyscan");
    }
    // `[Net.ServicePointManager]::ServerCertificateValidationCallback = { $true }`
    if site.call.path.to_ascii_lowercase().contains("::servercertificatevalidationcallback") {
        return Some("PowerShell ServerCertificateValidationCallback");
    }
    let (.., what) = OPTIONS.iter().find(|(programs, options, _)| {
        programs.contains(&name.as_str()) && options.iter().any(|option| is_given(words, option))
    })?;
    Some(what)
}

fn is_given(words: &[String], option: &str) -> bool {
    match option.split_once(' ') {
        Some((key, value)) => {
            words.iter().any(|w| w.strip_prefix(key).and_then(|w| w.strip_prefix('=')) == Some(value))
                || words.windows(2).any(|two| matches!(two, [k, v] if k == key && v == value))
        }
        None if option.ends_with('=') => words.iter().any(|w| w.starts_with(option)),
        None => words.iter().any(|w| w == option),
    }
}

/// `ssh-keyscan host >> ~/.ssh/known_hosts`: whoever answers is taken for the host from then on.
fn takes_over_keys(site: &Site<'_>) -> bool {
    let written = site.command.redirects.iter().filter(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append));
    let mut targets = written.map(|r| site.program.show(&r.target).0);
    let stages = site.program.pipelines.get(site.command.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
    let mut later = stages.iter().skip(site.command.position + 1).filter_map(|s| site.program.commands.get(s.start));
    targets.any(|t| t.contains("known_hosts"))
        || later.any(|c| c.args.iter().any(|a| site.program.show(a).0.contains("known_hosts")))
}

/// Lines of configuration by which packages need no signature: yum's and pacman's.
pub(super) fn is_unsigned(text: &str) -> bool {
    text.lines().any(|line| {
        let line: String = line.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        matches!(line.as_str(), "gpgcheck=0" | "repo_gpgcheck=0" | "siglevel=never" | "siglevel=optionaltrustall")
            || (line.starts_with("s/") && (line.contains("/gpgcheck=0/") || line.contains("/siglevel=never/")))
    })
}
