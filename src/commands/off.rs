//! Checks of origin turned off, by option or by setting.

mod tools;

use super::act::{Act, ActKind};
use super::site::Site;
use crate::parse::shell::Program;

/// Variables that turn a check off, with the values that do; no value means any but these.
const VARIABLES: &[(&str, &[&str], &str)] = &[
    ("GIT_SSL_NO_VERIFY", &["1", "true"], "GIT_SSL_NO_VERIFY"),
    ("NODE_TLS_REJECT_UNAUTHORIZED", &["0"], "NODE_TLS_REJECT_UNAUTHORIZED=0"),
    ("PYTHONHTTPSVERIFY", &["0"], "PYTHONHTTPSVERIFY=0"),
    ("NPM_CONFIG_STRICT_SSL", &["false"], "npm strict-ssl=false"),
    ("npm_config_strict_ssl", &["false"], "npm strict-ssl=false"),
    ("PIP_TRUSTED_HOST", &[], "pip --trusted-host"),
    ("UV_INSECURE_HOST", &[], "uv --allow-insecure-host"),
    ("GONOSUMDB", &[], "GONOSUMDB"),
    ("GONOSUMCHECK", &[], "GONOSUMCHECK"),
    ("GOINSECURE", &[], "GOINSECURE"),
    ("GOSUMDB", &["off"], "GOSUMDB=off"),
    ("GOFLAGS", &["-insecure"], "GOFLAGS=-insecure"),
    ("CARGO_HTTP_CHECK_REVOKE", &["false", "0"], "CARGO_HTTP_CHECK_REVOKE=false"),
    ("REQUESTS_CA_BUNDLE", &[""], "REQUESTS_CA_BUNDLE empty"),
    ("CURL_CA_BUNDLE", &[""], "CURL_CA_BUNDLE empty"),
    ("HOMEBREW_NO_VERIFY_ATTESTATIONS", &["1"], "HOMEBREW_NO_VERIFY_ATTESTATIONS"),
    ("DOCKER_CONTENT_TRUST", &["0"], "DOCKER_CONTENT_TRUST=0"),
    ("COREPACK_INTEGRITY_KEYS", &["0", ""], "COREPACK_INTEGRITY_KEYS=0"),
    ("YARN_ENABLE_STRICT_SSL", &["false", "0"], "npm strict-ssl=false"),
    ("YARN_CHECKSUM_BEHAVIOR", &["ignore"], "yarn checksumBehavior=ignore"),
    ("UV_NO_VERIFY_HASHES", &["1", "true"], "uv --no-verify-hashes"),
    ("BUNDLE_SSL_VERIFY_MODE", &["0"], "bundler ssl_verify_mode=0"),
    ("AZURE_CLI_DISABLE_CONNECTION_VERIFICATION", &["1", "true"], "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION"),
];

/// The fixed name of a variable's setting that turns a check off. Also for an `env:` key.
#[must_use]
pub fn variable(name: &str, value: &str) -> Option<&'static str> {
    if name == "GIT_SSH_COMMAND" {
        return no_host_key(&value.to_ascii_lowercase()).then_some("ssh StrictHostKeyChecking=no");
    }
    let (_, values, what) = VARIABLES.iter().find(|(n, ..)| *n == name)?;
    let off = match values {
        [] => !value.is_empty(),
        ["-insecure"] => value.split_whitespace().any(|v| v == "-insecure"),
        _ => values.iter().any(|v| v.eq_ignore_ascii_case(value)),
    };
    off.then_some(what)
}

/// Settings made by assignments of a command, and `echo NAME=1 >> $GITHUB_ENV`.
pub(super) fn settings(program: &Program, index: usize, command: &crate::parse::shell::Command, acts: &mut Vec<Act>) {
    // What other variables hold is not asked for: it may take long to find out.
    let may_be = |name: &str| name == "GIT_SSH_COMMAND" || VARIABLES.iter().any(|(known, ..)| *known == name);
    for assignment in command.assignments.iter().filter(|assignment| may_be(&assignment.name)) {
        if let Some(what) = variable(&assignment.name, &program.show(&assignment.value).0) {
            acts.push(Act { command: index, range: assignment.range.clone(), kind: ActKind::VerificationOff { what } });
        }
    }
}

pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) {
    let call = &site.call;
    let set_here = call.env.iter().filter(|(n, _)| !site.command.assignments.iter().any(|a| a.name == *n));
    for (name, value) in set_here {
        if let Some(what) = variable(name, value) {
            acts.push(site.act(ActKind::VerificationOff { what }));
        }
    }
    let words: Vec<String> = call.args.iter().map(|a| a.text.to_ascii_lowercase()).collect();
    let any = |test: &dyn Fn(&str) -> bool| words.iter().any(|w| test(w));
    let pair = |key: &str, value: &str| {
        any(&|w| w == format!("{key}={value}"))
            || words.windows(2).any(|two| matches!(two, [k, v] if k.trim_start_matches('-') == key && v == value))
    };
    let name = call.name.as_str();
    let what = match name {
        "git" if pair("http.sslverify", "false") || pair("http.sslverify", "0") => Some("git http.sslVerify=false"),
        "npm" | "yarn" | "pnpm"
            if pair("strict-ssl", "false") || any(&|w| w == "--strict-ssl=false" || w == "--no-strict-ssl") =>
        {
            Some("npm strict-ssl=false")
        }
        "pip" | "pip3" | "uv" | "python" | "python3" | "pipx" | "poetry"
            if any(&|w| w.starts_with("--trusted-host")) =>
        {
            Some("pip --trusted-host")
        }
        "uv" | "uvx" if any(&|w| w.starts_with("--allow-insecure-host")) => Some("uv --allow-insecure-host"),
        "pip" | "pip3" if words.first().is_some_and(|w| w == "config") && any(&|w| w.ends_with("trusted-host")) => {
            Some("pip --trusted-host")
        }
        "apt" | "apt-get" | "aptitude"
            if any(&|w| {
                w == "--allow-unauthenticated" || w == "--force-yes" || w == "--allow-insecure-repositories"
            }) =>
        {
            Some("apt --allow-unauthenticated")
        }
        "dnf" | "yum" | "microdnf" | "zypper"
            if any(&|w| w == "--nogpgcheck" || w == "--no-gpg-checks" || w == "--no-gpgchecks") =>
        {
            Some("dnf --nogpgcheck")
        }
        "rpm" if any(&|w| w == "--nosignature" || w == "--nodigest") => Some("rpm --nosignature"),
        "apk" if any(&|w| w == "--allow-untrusted") => Some("apk --allow-untrusted"),
        "cosign" | "rekor-cli"
            if any(&|w| w.starts_with("--insecure-ignore-tlog") || w.starts_with("--insecure-ignore-sct")) =>
        {
            Some("cosign --insecure-ignore-tlog")
        }
        "ssh" | "scp" | "sftp" | "rsync" | "git" | "ssh-keyscan" if any(&|w| no_host_key(w)) => {
            Some("ssh StrictHostKeyChecking=no")
        }
        "conda" | "mamba" if pair("ssl_verify", "false") => Some("conda ssl_verify=false"),
        "gem" if any(&|w| w == "--trust-policy" || w == "nosecurity") && pair("trust-policy", "nosecurity") => {
            Some("gem NoSecurity")
        }
        "aria2c" if any(&|w| w == "--check-certificate=false") => Some("aria2c --check-certificate=false"),
        "skopeo" | "podman" | "buildah" if any(&|w| w.ends_with("tls-verify=false")) => Some("tls-verify=false"),
        _ => None,
    };
    if let Some(what) = what.or_else(|| tools::of(site, &words)) {
        acts.push(site.act(ActKind::VerificationOff { what }));
    }
    // A line of configuration, printed into a file.
    if matches!(name, "echo" | "printf" | "tee" | "cat" | "add-apt-repository" | "sed") {
        let printed = call.args.iter().map(|a| a.text.clone());
        let here =
            site.command.redirects.iter().filter(|r| r.heredoc.is_some()).map(|r| site.program.show(&r.target).0);
        let text: Vec<String> = printed.chain(here).collect();
        let to = super::files::written_to(site);
        if text.iter().any(|t| t.contains("trusted=yes") && t.contains("deb")) {
            acts.push(site.act(ActKind::VerificationOff { what: "apt [trusted=yes]" }));
        }
        if (to.is_some() || name == "sed") && text.iter().any(|t| tools::is_unsigned(t)) {
            acts.push(site.act(ActKind::VerificationOff { what: "gpgcheck=0" }));
        }
        if to.is_some() && text.iter().any(|t| no_host_key(&t.to_ascii_lowercase())) {
            acts.push(site.act(ActKind::VerificationOff { what: "ssh StrictHostKeyChecking=no" }));
        }
        // `$GITHUB_ENV` sets variables for the steps that follow.
        if to.is_some_and(|t| t.contains("GITHUB_ENV")) {
            let lines = text.iter().flat_map(|t| t.lines());
            for what in lines.filter_map(|l| l.split_once('=')).filter_map(|(n, v)| variable(n.trim(), v.trim())) {
                acts.push(site.act(ActKind::VerificationOff { what }));
            }
        }
    }
}

fn no_host_key(text: &str) -> bool {
    ["stricthostkeychecking=no", "stricthostkeychecking no", "stricthostkeychecking=off"]
        .iter()
        .any(|t| text.contains(t))
}
