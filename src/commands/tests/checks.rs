//! What checks go by, and what becomes of a failure.

use super::{line, lines};
use crate::commands::ActKind as K;
use crate::commands::*;
use crate::parse::Budget;
use crate::parse::shell;

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
