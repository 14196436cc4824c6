//! Where the program comes from: named, released, or built. No network: `curl` serves files of the test, and what
//! it was asked is kept.

use std::fs;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::runner::{Call, Outcome, run};
use crate::sandbox::{Sandbox, UNSET, VERSION, stand_in};

const INSTALL: &str = "Install cargo-custody";

/// A machine whose `curl` serves what lies in `served/`.
fn machine(name: &str) -> Option<Sandbox> {
    let sandbox = Sandbox::new(name)?;
    let (temp, served) = (sandbox.temp(), sandbox.served());
    sandbox.program(
        "tools/curl",
        &format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '{}/_curl'\n\
             while [ $# -gt 1 ]; do if [ \"$1\" = --output ]; then to=$2; fi; shift; done\n\
             cp \"{}/${{1##*/}}\" \"$to\" || exit 22\n",
            temp.display(),
            served.display()
        ),
    );
    sandbox.program("tools/gh", "#!/bin/sh\nexit 1\n");
    Some(sandbox)
}

/// Makes a release for a target, and gives the hash of its archive.
fn release(sandbox: &Sandbox, target: &str) -> String {
    let is_zip = target.ends_with("msvc");
    let program = if is_zip { "cargo-custody.exe" } else { "cargo-custody" };
    let file = sandbox.program(&format!("served/{program}"), &stand_in(0));
    let suffix = if is_zip { "zip" } else { "tar.gz" };
    let archive = sandbox.served().join(format!("cargo-custody-{VERSION}-{target}.{suffix}"));
    if is_zip {
        // `unzip` is not everywhere: the archive is the program, and the one on the path copies it.
        fs::copy(&file, &archive).expect("an archive");
        sandbox.program("tools/unzip", "#!/bin/sh\n[ \"$1 $2\" = '-q -o' ] && cp \"$3\" \"$6/$4\"\n");
    } else {
        let made = Command::new("tar")
            .arg("-czf")
            .arg(&archive)
            .arg("-C")
            .arg(sandbox.served())
            .arg(program)
            .status()
            .expect("tar starts");
        assert!(made.success());
    }
    let digest = Sha256::digest(fs::read(&archive).expect("the archive"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn table(sandbox: &Sandbox, target: &str, hash: &str) {
    sandbox.write("checkout/action/hashes.txt", &format!("# version target sha256\n{VERSION} {target} {hash}\n"));
}

fn call(inputs: &[(&'static str, &str)], variables: &[(&str, &str)]) -> Call {
    Call {
        inputs: inputs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        event: "push",
        variables: variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        ..Call::default()
    }
}

/// The install failed with these words, and nothing ran after it.
#[track_caller]
fn failed(sandbox: &Sandbox, outcome: &Outcome, words: &str) {
    let (code, said) = outcome.script(INSTALL);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("::error title=cargo-custody::") && said.contains(words), "{said}");
    assert_eq!(*outcome.step("Audit"), crate::runner::Step::Skipped);
    assert_eq!(*outcome.step("Upload SARIF"), crate::runner::Step::Skipped);
    assert_eq!(outcome.outputs["verdict"], "");
    assert!(sandbox.left("_called").is_none());
}

#[test]
fn a_release_is_taken_for_every_system() {
    for (system, machine_name, target) in [
        ("Linux", "X64", "x86_64-unknown-linux-musl"),
        ("Linux", "ARM64", "aarch64-unknown-linux-musl"),
        ("macOS", "ARM64", "aarch64-apple-darwin"),
        ("macOS", "X64", "x86_64-apple-darwin"),
        ("Windows", "X64", "x86_64-pc-windows-msvc"),
        ("Windows", "ARM64", "aarch64-pc-windows-msvc"),
    ] {
        let Some(sandbox) = machine(&format!("release-{target}")) else { return };
        table(&sandbox, target, &release(&sandbox, target));
        let before = sandbox.untouchable();
        let outcome = run(&sandbox, &call(&[], &[("RUNNER_OS", system), ("RUNNER_ARCH", machine_name)]));
        let (code, said) = outcome.script(INSTALL);
        assert_eq!(code, 0, "{target}: {said}");
        assert!(said.contains("hash as in action/hashes.txt"), "{said}");
        assert_eq!(outcome.script("Audit").0, 0, "{target}");
        assert!(sandbox.left("_called").is_some(), "{target}: the released program did not run");
        let asked = sandbox.left("_curl").expect("a download");
        for word in ["-q --proto =https", "--proto-redir =https", "--tlsv1.2", "/releases/download/v"] {
            assert!(asked.contains(word), "{asked}");
        }
        assert_eq!(before, sandbox.untouchable(), "{target}: something outside the temporary folder changed");
    }
}

/// Without the runner's variables the system is asked, by tools that tell of another here.
#[test]
fn the_system_is_asked_where_the_runner_says_nothing() {
    for (system, kind, target) in [
        ("Darwin", "arm64", "aarch64-apple-darwin"),
        ("Linux", "aarch64", "aarch64-unknown-linux-musl"),
        ("Linux", "x86_64", "x86_64-unknown-linux-musl"),
    ] {
        let Some(sandbox) = machine(&format!("uname-{target}")) else { return };
        table(&sandbox, target, &release(&sandbox, target));
        sandbox.program("tools/uname", &format!("#!/bin/sh\n[ \"$1\" = -s ] && echo {system} || echo {kind}\n"));
        let outcome = run(&sandbox, &call(&[], &[("RUNNER_OS", UNSET), ("RUNNER_ARCH", UNSET)]));
        assert_eq!(outcome.script(INSTALL).0, 0, "{target}: {}", outcome.script(INSTALL).1);
        assert!(sandbox.left("_curl").is_some_and(|asked| asked.contains(target)), "{target}");
    }
}

#[test]
fn bits_that_nobody_vouched_for_do_not_run() {
    let target = "x86_64-unknown-linux-musl";
    let Some(sandbox) = machine("wrong-hash") else { return };
    release(&sandbox, target);
    table(&sandbox, target, &"0".repeat(64));
    failed(&sandbox, &run(&sandbox, &call(&[], &[])), "has another hash than action/hashes.txt says");
    assert!(!sandbox.temp().join("cargo-custody/bin/cargo-custody").exists(), "it was unpacked all the same");

    let Some(sandbox) = machine("no-hash") else { return };
    release(&sandbox, target);
    let outcome = run(&sandbox, &call(&[("install", "release")], &[]));
    failed(&sandbox, &outcome, "action/hashes.txt has no cargo-custody");
    assert!(sandbox.left("_curl").is_none(), "it was downloaded");
    let outcome = run(&sandbox, &call(&[("version", "9.9.9")], &[]));
    failed(&sandbox, &outcome, "has no cargo-custody 9.9.9");
    assert!(sandbox.left("_curl").is_none(), "it was downloaded");

    let Some(sandbox) = machine("damaged-table") else { return };
    release(&sandbox, target);
    table(&sandbox, target, "deadbeef");
    failed(&sandbox, &run(&sandbox, &call(&[], &[])), "damaged");

    let Some(sandbox) = machine("no-archive") else { return };
    table(&sandbox, target, &"0".repeat(64));
    failed(&sandbox, &run(&sandbox, &call(&[], &[])), "failed to download");
}

#[test]
fn an_attestation_that_can_be_checked_has_to_hold() {
    let target = "x86_64-unknown-linux-musl";
    for (holds, name) in [(true, "attested"), (false, "not-attested")] {
        let Some(sandbox) = machine(name) else { return };
        table(&sandbox, target, &release(&sandbox, target));
        sandbox.write(&format!("served/cargo-custody-{VERSION}.sigstore.json"), "{}");
        let code = u8::from(!holds);
        sandbox.program(
            "tools/gh",
            &format!(
                "#!/bin/sh\nif [ \"$3\" = --help ]; then exit 0; fi\nprintf '%s\\n' \"$*\" > \"$RUNNER_TEMP/_gh\"\nexit {code}\n"
            ),
        );
        let outcome = run(&sandbox, &call(&[], &[]));
        let asked = sandbox.left("_gh").expect("gh was asked");
        for word in ["attestation verify", "--bundle", "--repo cargo-custody/cargo-custody", "--signer-workflow"] {
            assert!(asked.contains(word), "{asked}");
        }
        if holds {
            assert!(outcome.script(INSTALL).1.contains("The attestation of"), "{}", outcome.script(INSTALL).1);
        } else {
            failed(&sandbox, &outcome, "is not attested");
        }
    }
}

/// Nothing is released yet: the action's own source is built, in a folder that no tree's settings reach.
#[test]
fn without_a_release_the_source_is_built() {
    let Some(sandbox) = machine("built") else { return };
    sandbox.lay_traps();
    let program = sandbox.stand_in("served/built", 0);
    sandbox.program(
        "tools/cargo",
        &format!(
            "#!/bin/sh\npwd > \"$RUNNER_TEMP/_cargo\"\nprintf '%s\\n' \"$*\" >> \"$RUNNER_TEMP/_cargo\"\nenv >> \"$RUNNER_TEMP/_cargo\"\n\
             while [ $# -gt 0 ]; do if [ \"$1\" = --root ]; then root=$2; fi; shift; done\n\
             mkdir -p \"$root/bin\" && cp '{}' \"$root/bin/cargo-custody\"\n",
            program.display()
        ),
    );
    let hostile = [
        ("CARGO_BUILD_RUSTC_WRAPPER", "/tmp/x"),
        ("CARGO_REGISTRIES_X_INDEX", "x"),
        ("RUSTC_WRAPPER", "/tmp/x"),
        ("RUSTUP_TOOLCHAIN", "x"),
        ("RUSTFLAGS", "-C linker=/tmp/x"),
    ];
    let outcome = run(&sandbox, &call(&[], &hostile));
    assert_eq!(outcome.script(INSTALL).0, 0, "{}", outcome.script(INSTALL).1);
    let cargo = sandbox.left("_cargo").expect("cargo was started");
    let temp = sandbox.temp();
    assert!(cargo.starts_with(&format!("{}/cargo-custody/neutral\n", temp.display())), "{cargo}");
    assert!(cargo.contains(&format!("install --locked --quiet --path {}", sandbox.action().display())), "{cargo}");
    assert!(cargo.contains(&format!("CARGO_HOME={}/cargo-custody/cargo-home", temp.display())), "{cargo}");
    for (name, _) in hostile {
        assert!(!cargo.contains(&format!("\n{name}=")), "{name} reached cargo");
    }
    assert_eq!(sandbox.trapped(), None);

    let outcome = run(&sandbox, &call(&[("install", "cargo"), ("version", "9.9.9")], &[]));
    assert_eq!(outcome.script(INSTALL).0, 1);
}

#[test]
fn a_named_program_lies_outside_the_workspace_and_says_what_it_is() {
    let Some(sandbox) = machine("named") else { return };
    let good = sandbox.stand_in("elsewhere/cargo-custody", 0).to_string_lossy().into_owned();
    let outcome = run(&sandbox, &call(&[("binary-path", &good)], &[]));
    assert_eq!(outcome.script(INSTALL).0, 0, "{}", outcome.script(INSTALL).1);
    assert!(sandbox.left("_curl").is_none(), "something was downloaded");

    sandbox.stand_in("workspace/cargo-custody", 0);
    std::os::unix::fs::symlink(sandbox.workspace().join("cargo-custody"), sandbox.temp().join("link")).expect("a link");
    let link = sandbox.temp().join("link").to_string_lossy().into_owned();
    let other = sandbox.program("elsewhere/other", "#!/bin/sh\necho other 1.0\n").to_string_lossy().into_owned();
    let many = sandbox.program("elsewhere/many", "#!/bin/sh\necho cargo-custody 1.0\necho binary=/x\n");
    let many = many.to_string_lossy().into_owned();
    let folder = sandbox.temp().to_string_lossy().into_owned();
    for (path, version, words) in [
        ("cargo-custody", "", "lies in the workspace"),
        (link.as_str(), "", "lies in the workspace"),
        ("../nothing-here/x", "", "names no file"),
        (folder.as_str(), "", "names no program"),
        (other.as_str(), "", "does not say that it is cargo-custody"),
        (many.as_str(), "", "does not say that it is cargo-custody"),
        (good.as_str(), "9.9.9", "expected version 9.9.9"),
        ("/bin/sh\nbinary=/bin/sh", "", "is no path"),
    ] {
        let _ = fs::remove_file(sandbox.temp().join("_called"));
        let outcome = run(&sandbox, &call(&[("binary-path", path), ("version", version)], &[]));
        failed(&sandbox, &outcome, words);
    }
}

#[test]
fn hostile_words_are_refused_and_run_nothing() {
    let Some(sandbox) = machine("hostile-install") else { return };
    for (name, value) in [
        ("version", "1.2.3; rm -rf /"),
        ("version", "$(touch pwned)"),
        ("version", "1.2.3\n::set-output name=binary::/bin/sh"),
        ("version", "../../x"),
        ("version", "latest"),
        ("install", "release; touch pwned"),
        ("install", "pip"),
    ] {
        let before = sandbox.untouchable();
        let outcome = run(&sandbox, &call(&[(name, value)], &[]));
        failed(&sandbox, &outcome, name);
        assert!(!outcome.script(INSTALL).1.contains("set-output"), "{}", outcome.script(INSTALL).1);
        assert_eq!(before, sandbox.untouchable(), "{name}: {value}");
        assert!(!sandbox.temp().join("cargo-custody/neutral/pwned").exists());
        assert!(sandbox.left("_curl").is_none());
    }
}
