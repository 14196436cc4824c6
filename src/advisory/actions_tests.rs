use super::*;

fn ids(repository: &str, path: &str, reference: &str) -> Vec<String> {
    let matches = match_action(Index::embedded(), repository, path, reference).expect("a sound table");
    matches.into_iter().map(|m| m.id).collect()
}

#[test]
fn exact_and_floating_tags() {
    let id = ["GHSA-cxww-7g56-2vh6"];
    assert_eq!(ids("actions/download-artifact", "", "v4.1.2"), id);
    assert_eq!(ids("Actions/Download-Artifact", "", "refs/tags/v4.1.2"), id);
    // `v4` and `v4.1` have moved past the fix; `v4.0` never will.
    assert_eq!(ids("actions/download-artifact", "", "v4"), [""; 0]);
    assert_eq!(ids("actions/download-artifact", "", "v4.1"), [""; 0]);
    assert_eq!(ids("actions/download-artifact", "", "v4.0"), id);
    assert_eq!(ids("actions/download-artifact", "", "v3"), [""; 0]);
    assert_eq!(ids("actions/download-artifact", "", "main"), [""; 0]);
    assert_eq!(ids("tj-actions/branch-names", "", "v6"), ["GHSA-8v8w-v8xg-79rf", "GHSA-gq52-6phf-x2r6"]);
}

#[test]
fn the_fix_is_one_that_lasts() {
    let fix = |reference: &str| {
        let matches =
            match_action(Index::embedded(), "github/codeql-action", "init", reference).expect("a sound table");
        matches.iter().find(|m| m.id == "GHSA-vqf5-2xx6-9wfm").and_then(|m| m.fixed.clone())
    };
    // 3.0.0 mends the second line, and the third is affected again from 3.26.11 on.
    assert_eq!(fix("v2"), Some(FixedIn::At("3.28.3".to_owned())));
    assert_eq!(fix("v3.27.0"), Some(FixedIn::At("3.28.3".to_owned())));
    assert_eq!(fix("v3"), None);
}

#[test]
fn paths() {
    assert_eq!(ids("github/codeql-action", "analyze", "v3.28.0"), ["GHSA-vqf5-2xx6-9wfm"]);
    let path = ".github/workflows/run-terraform.yml";
    assert_eq!(ids("kartverket/github-workflows", path, "v2.7.0"), ["GHSA-f9qj-7gh3-mhj4"]);
    assert_eq!(ids("kartverket/github-workflows", "", "v2.7.0"), [""; 0]);
}

#[test]
fn compromised_actions() {
    let of = |repository: &str, reference: &str| {
        match_action(Index::embedded(), repository, "", reference)
            .expect("a sound table")
            .into_iter()
            .filter(|m| m.kind == Kind::Malicious)
            .collect::<Vec<_>>()
    };
    let by_commit = of("tj-actions/changed-files", "0e58ed8671d6b60d0890c21b07f8835ace038e67");
    assert_eq!(by_commit.len(), 1);
    assert_eq!(by_commit[0].basis, Basis::Commit);
    assert!(by_commit[0].aliases.contains(&"CVE-2025-30066".to_owned()));
    // The tags moved, so a floating one counts too, with the time it was bad.
    let by_tag = of("tj-actions/changed-files", "v45");
    assert!(matches!(&by_tag[0].basis, Basis::TagDuring(w) if w.from == "2025-03-14T00:00Z"));
    assert!(of("tj-actions/changed-files", "v46").len() == 1, "v46.0.0 is below the fix");
    assert!(of("tj-actions/changed-files", "v47").is_empty());
    assert!(of("aquasecurity/trivy-action", "0.35.0").is_empty());
    assert_eq!(of("aquasecurity/trivy-action", "v0.34.2").len(), 1);
    assert_eq!(of("aquasecurity/trivy-action", "E0198FD2B6E1679E36D32933941182D9AFA82F6F")[0].basis, Basis::Commit);
    assert!(of("aquasecurity/trivy-action", "57a97c7e7821a5776cebc9bb87c984fa69cba8f1").is_empty());
    assert_eq!(of("aquasecurity/setup-trivy", "v0.2.5").len(), 1);
    assert!(of("aquasecurity/setup-trivy", "v0.2.6").is_empty());
    // Named tags match as written.
    assert_eq!(of("reviewdog/action-setup", "v1").len(), 1);
    assert!(of("reviewdog/action-setup", "v1.3.0").is_empty());
    assert_eq!(of("xygeni/xygeni-action", "v5").len(), 1);
    assert_eq!(of("checkmarx/KICS-github-action", "v2.1.7").len(), 1);
}

#[test]
fn overlaps_needs_a_release_in_both() {
    let (first, last) = (Version::new(2, 0, 0), Version::new(2, LAST, LAST));
    let interval = |s: &str, e: &str| Interval {
        start: Bound::Inclusive(Version::parse(s).unwrap()),
        end: Bound::Exclusive(Version::parse(e).unwrap()),
    };
    assert!(overlaps(&interval("1.0.0", "2.0.1"), &first, &last));
    assert!(!overlaps(&interval("1.0.0", "2.0.0"), &first, &last));
    assert!(!overlaps(&interval("3.0.0", "4.0.0"), &first, &last));
}
