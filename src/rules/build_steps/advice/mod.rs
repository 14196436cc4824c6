//! What to write in place of an unverified download: the publisher's own check where it is known, a digest that is
//! kept in the repository elsewhere.
//!
//! Every command can be pasted as it stands into the shell it is for; what a person has to fill in stands in
//! quotes and angle brackets. Nothing here looks at anything but the download and who runs it.

mod digest;
mod instead;
mod publishers;

pub(super) use digest::Comparer;

use super::download::{self, Fixity};
use crate::commands::UrlText;
use crate::rules::workflow::reach::Run;

/// Where a download is run, as far as advice depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// A runner of CI, where steps can use actions and `gh` is at hand.
    Runner,
    /// While an image is built: neither is.
    Image,
    /// A person's machine.
    Hand,
}

impl Ground {
    /// That of a run.
    pub(super) fn of(run: &Run<'_>) -> Self {
        if run.is_in_image() {
            Self::Image
        } else if run.is_off_runner() {
            Self::Hand
        } else {
            Self::Runner
        }
    }
}

/// Another way to the same tool, which checks what it brings: an action, an image by digest.
pub(super) fn other_way(url: &UrlText, ground: Ground) -> Option<String> {
    instead::of(url, ground)
}

/// What to do about a file that was fetched from an address before it is used. `file` is the file as the script
/// names it, where that can be written down.
pub(super) fn check(url: &UrlText, file: Option<&str>, comparer: Comparer, ground: Ground) -> String {
    let file = file.unwrap_or("<file>");
    if let Some(told) = publishers::check(url, file, comparer, ground) {
        return told;
    }
    let version = if download::fixity(url) == Fixity::Moving { "fetch one version, and " } else { "" };
    format!("{version}check it against a digest kept in the repository before it is used: {}", comparer.command(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::Budget;
    use crate::parse::shell::{self, Invocation};

    const RUNNER: Ground = Ground::Runner;

    fn url(text: &str) -> UrlText {
        UrlText::new(text, !text.contains('$'))
    }

    /// The command in a piece of advice.
    fn command(advice: &str) -> &str {
        let (_, command) = advice.split_once(": ").unwrap();
        command
    }

    #[test]
    fn digests_are_compared_by_what_is_at_hand() {
        assert_eq!(Comparer::Coreutils.command("~/bin/x"), "echo \"<sha256>  $HOME/bin/x\" | sha256sum -c -");
        assert!(Comparer::Macos.command("x").ends_with("| shasum -a 256 -c -"));
        assert!(Comparer::PowerShell.command("x.exe").starts_with("if ((Get-FileHash x.exe"));
        assert!(Comparer::PowerShell.command("<file>").starts_with("if ((Get-FileHash '<file>'"));
    }

    #[test]
    fn the_publishers_check_is_named_where_it_is_known() {
        for (address, expected) in [
            (
                "https://github.com/jqlang/jq/releases/download/jq-1.8.1/jq-linux-amd64",
                "gh attestation verify \"t\" --repo jqlang/jq",
            ),
            ("gh:cli/cli/releases/v2.80.0", "gh attestation verify \"t\" --repo cli/cli"),
            (
                "https://github.com/aquasecurity/trivy/releases/download/v0.71.0/trivy.tar.gz",
                "curl -fsSL -o \"t.sigstore.json\" \"https://github.com/aquasecurity/trivy/releases/download/v0.71.0/trivy.tar.gz.sigstore.json\" && cosign verify-blob \"t\" --bundle \"t.sigstore.json\" --certificate-identity \"https://github.com/aquasecurity/trivy/.github/workflows/reusable-release.yaml@refs/tags/v0.71.0\" --certificate-oidc-issuer https://token.actions.githubusercontent.com",
            ),
            (
                "https://github.com/google/osv-scanner/releases/download/${V}/osv",
                "curl -fsSLO \"https://github.com/google/osv-scanner/releases/download/${V}/multiple.intoto.jsonl\" && slsa-verifier verify-artifact \"t\" --provenance-path multiple.intoto.jsonl --source-uri github.com/google/osv-scanner --source-tag \"${V}\"",
            ),
        ] {
            let told = check(&url(address), Some("t"), Comparer::Coreutils, RUNNER);
            assert_eq!(command(told.strip_prefix("check where it was built before it is used, with GH_TOKEN set to ${{ github.token }} in the step's env").map_or(told.as_str(), |r| r)), expected, "{address}");
        }
        let kubectl = check(
            &url("https://dl.k8s.io/release/v1.35.0/bin/linux/amd64/kubectl"),
            Some("k"),
            Comparer::Coreutils,
            RUNNER,
        );
        assert!(kubectl.contains("https://dl.k8s.io/release/v1.35.0/bin/linux/amd64/kubectl.sig"), "{kubectl}");
        // Nothing is known of it; nothing that checks is at hand.
        for (address, ground) in [
            ("https://example.com/1.2.3/t", RUNNER),
            ("https://github.com/example/tool/releases/download/v1.2.3/t", RUNNER),
            ("https://github.com/jqlang/jq/releases/download/jq-1.8.1/jq-linux-amd64", Ground::Image),
        ] {
            let told = check(&url(address), Some("t"), Comparer::Coreutils, ground);
            assert_eq!(command(&told), "echo \"<sha256>  t\" | sha256sum -c -", "{address}");
        }
    }

    #[test]
    fn tools_come_by_ways_that_check() {
        for (address, expected) in [
            ("https://astral.sh/uv/install.sh", Some("astral-sh/setup-uv@<commit>")),
            ("https://deb.nodesource.com/setup_22.x", Some("actions/setup-node@<commit>")),
            (
                "https://github.com/mozilla/sccache/releases/download/v0.8.1/sccache.tar.gz",
                Some("`tool: sccache@0.8.1`, which checks digests that it carries: taiki-e/install-action@<commit>"),
            ),
            ("https://get.nexte.st/latest/linux", Some("taiki-e/install-action@<commit>")),
            ("https://example.com/install.sh", None),
        ] {
            let told = other_way(&url(address), RUNNER);
            assert_eq!(told.is_some(), expected.is_some(), "{address}");
            if let (Some(told), Some(expected)) = (told, expected) {
                assert!(told.ends_with(expected), "{told}");
            }
            assert!(other_way(&url(address), Ground::Hand).is_none(), "{address}");
        }
        assert!(
            other_way(&url("https://astral.sh/uv/install.sh"), Ground::Image)
                .is_some_and(|t| t.contains("COPY --from="))
        );
    }

    /// What is advised can be pasted: it parses without a gap, and what has to be filled in is in quotes, where the
    /// shell does not take it for a redirection.
    #[test]
    fn what_is_advised_parses() {
        let mut seen = 0;
        let mut told: Vec<(String, Comparer)> = Vec::new();
        let tags = ["v1.2.3", "${VERSION}"];
        for (repository, _) in publishers::RELEASES {
            for tag in tags {
                let addresses = [
                    format!("https://github.com/{repository}/releases/download/{tag}/file.tar.gz"),
                    format!("https://github.com/{repository}/releases/latest/download/file.tar.gz"),
                    format!("gh:{repository}/releases/latest"),
                ];
                for address in addresses {
                    for file in [Some("~/bin/tool"), Some("$HOME/tool"), None] {
                        for (comparer, ground) in [
                            (Comparer::Coreutils, RUNNER),
                            (Comparer::Macos, RUNNER),
                            (Comparer::Coreutils, Ground::Hand),
                            (Comparer::Coreutils, Ground::Image),
                        ] {
                            let advice = check(&url(&address), file, comparer, ground);
                            let command =
                                advice.rsplit_once("in the step's env: ").map_or_else(|| command(&advice), |(_, c)| c);
                            told.push((command.to_owned(), comparer));
                        }
                    }
                }
            }
        }
        let rustup = other_way(&url("https://sh.rustup.rs"), Ground::Image).unwrap();
        told.push((command(&rustup).to_owned(), Comparer::Coreutils));
        for (command, comparer) in told {
            let program = shell::parse(&command, &mut Budget::default());
            assert!(program.problems.is_empty(), "{command}: {:?}", program.problems);
            let calls: Vec<Invocation<'_>> =
                program.commands.iter().filter_map(|c| Invocation::of(&program, c)).collect();
            assert!(!calls.is_empty() && program.commands.iter().all(|c| c.redirects.is_empty()), "{command}");
            // What stands at the end decides, or a pipe into a comparison.
            assert!(calls.iter().all(|c| !c.name.is_empty()), "{command}");
            seen += usize::from(comparer == Comparer::Coreutils);
        }
        assert!(seen > 100);
    }
}
