//! What the action does with the events and inputs of workflows.

use serde_json::json;

use crate::runner::{Call, Step, run};
use crate::sandbox::Sandbox;

const UPLOAD: &str = "Upload SARIF";

/// A machine with a program that tells how it was called, and a call that names it.
fn machine(name: &str, code: u8) -> Option<(Sandbox, Call)> {
    let sandbox = Sandbox::new(name)?;
    let program = sandbox.stand_in("elsewhere/cargo-custody", code);
    let inputs = vec![("binary-path", program.to_string_lossy().into_owned())];
    Some((sandbox, Call { inputs, event: "push", payload: json!({}), variables: Vec::new() }))
}

#[test]
fn reports_are_uploaded_where_a_token_may_and_it_was_asked() {
    for (may, asked, is_uploaded) in [
        (true, "auto", true),
        (false, "auto", false),
        (true, "", false),
        (true, "never", false),
        (true, "always", true),
        (false, "always", true),
    ] {
        // The gate failed: the report is uploaded all the same.
        let Some((sandbox, mut call)) = machine("uploads", 1) else { return };
        if !may {
            sandbox.write("temp/_readonly", "");
        }
        call.inputs.push(("sarif", asked.to_owned()));
        let outcome = run(&sandbox, &call);
        assert_eq!(outcome.script("Audit").0, 1, "{may} {asked}: {}", outcome.script("Audit").1);
        match outcome.step(UPLOAD) {
            Step::Used { uses, with, is_tolerated } => {
                assert!(is_uploaded, "{may} {asked}");
                assert!(is_tolerated, "a failed upload would fail the job");
                let (_, pin) = uses.split_once('@').expect("a pin");
                assert!(pin.len() == 40 && pin.bytes().all(|b| b.is_ascii_hexdigit()), "{uses}");
                assert_eq!(with["sarif_file"], sandbox.temp().join("a.sarif").to_string_lossy());
            }
            other => assert!(!is_uploaded && *other == Step::Skipped, "{may} {asked}: {other:?}"),
        }
    }
}

#[test]
fn exit_codes_and_outputs_arrive_as_the_program_gives_them() {
    for code in [0, 1, 2, 3, 101] {
        let Some((sandbox, call)) = machine("codes", code) else { return };
        let outcome = run(&sandbox, &call);
        assert_eq!(outcome.script("Audit").0, i32::from(code));
        assert_eq!(outcome.outputs["verdict"], "fail");
        assert!(outcome.outputs["sarif"].ends_with("/a.sarif"));
        assert_eq!(outcome.outputs["new"], "");
    }
}

/// Nothing is given to the program that nobody asked for: the configuration decides.
#[test]
fn inputs_become_words_of_the_command_and_nothing_else() {
    type Row<'t> = (&'t [(&'t str, &'t str)], &'t [&'t str], &'t str);
    let table: &[Row<'_>] = &[
        (&[], &[], ""),
        (&[("gate", "all")], &["--gate", "all"], ""),
        (&[("gate", "new"), ("base", "v1.0^{commit}")], &["--base", "v1.0^{commit}", "--gate", "new"], ""),
        (&[("base", "feature/$(touch pwned);`id`")], &["--base", "feature/$(touch pwned);`id`"], ""),
        (&[("no-fail", "true")], &["--no-fail"], ""),
        (&[("no-fail", "false"), ("summary", "true")], &[], ""),
        (&[("path", "services/api")], &[], "/services/api"),
        (&[("path", "./services/../services/api/")], &[], "/services/api"),
    ];
    for (inputs, words, below) in table {
        let Some((sandbox, mut call)) = machine("words", 0) else { return };
        sandbox.write("workspace/services/api/Cargo.toml", "");
        call.inputs.extend(inputs.iter().map(|(name, value)| (*name, (*value).to_owned())));
        let before = sandbox.untouchable();
        let outcome = run(&sandbox, &call);
        assert_eq!(outcome.script("Audit").0, 0, "{inputs:?}: {}", outcome.script("Audit").1);
        let temp = sandbox.temp().to_string_lossy().into_owned();
        let mut expected = vec![format!("{temp}/cargo-custody/neutral"), "ci".to_owned()];
        expected.extend(words.iter().map(|word| (*word).to_owned()));
        expected.extend(["--report-dir".to_owned(), format!("{temp}/cargo-custody/reports"), "--".to_owned()]);
        expected.push(format!("{}{below}", sandbox.workspace().display()));
        let called: Vec<String> = sandbox.left("_called").expect("a call").lines().map(str::to_owned).collect();
        assert_eq!(called, expected, "{inputs:?}");
        assert_eq!(before, sandbox.untouchable(), "{inputs:?}");
    }
}

#[test]
fn the_summary_can_be_left_out() {
    for (asked, is_given) in [("", true), ("true", true), ("false", false)] {
        let Some((sandbox, mut call)) = machine("summary", 0) else { return };
        call.inputs.push(("summary", asked.to_owned()));
        run(&sandbox, &call);
        let environment = sandbox.left("_environment").expect("an environment");
        assert_eq!(environment.contains("GITHUB_STEP_SUMMARY="), is_given, "{asked}");
    }
}

#[test]
fn hostile_inputs_start_no_program() {
    for (name, value) in [
        ("path", "../.."),
        ("path", ".."),
        ("path", "/etc"),
        ("path", "services/../.."),
        ("path", "way-out"),
        ("path", "absent"),
        ("path", "C:\\Windows"),
        ("path", "\\\\host\\share"),
        ("path", "a\nb"),
        ("base", "--policy=/tmp/x"),
        ("base", "-"),
        ("base", "main\n::error::x"),
        ("gate", "off"),
        ("gate", "new --no-fail"),
        ("gate", "$(touch pwned)"),
        ("no-fail", "yes"),
        ("summary", "0"),
        ("sarif", "sometimes"),
    ] {
        let Some((sandbox, mut call)) = machine("hostile-inputs", 0) else { return };
        sandbox.write("workspace/services/a", "");
        std::os::unix::fs::symlink("/", sandbox.workspace().join("way-out")).expect("a link");
        call.inputs.push((name, value.to_owned()));
        let outcome = run(&sandbox, &call);
        let (code, said) = outcome.script("Audit");
        assert_eq!(code, 1, "{name}: {value}: {said}");
        assert!(said.contains(&format!("::error title=cargo-custody::\"{name}\"")), "{name}: {value}: {said}");
        assert!(!said.contains("\n::error::x"), "{said}");
        assert_eq!(sandbox.left("_called"), None, "{name}: {value}");
        assert_eq!(*outcome.step(UPLOAD), Step::Skipped);
    }
}

/// Variables that give orders to shells, loaders, cargo, rustup and git do not arrive.
#[test]
fn the_program_gets_known_variables_only() {
    let Some((sandbox, mut call)) = machine("variables", 0) else { return };
    sandbox.lay_traps();
    let trap = sandbox.workspace().join("trap.sh").to_string_lossy().into_owned();
    let function = format!("() {{ {trap}; }}");
    let hostile = [
        ("BASH_ENV", trap.as_str()),
        ("ENV", trap.as_str()),
        ("LD_PRELOAD", "/nowhere/x.so"),
        ("BASH_FUNC_cd%%", function.as_str()),
        ("BASH_FUNC_env%%", function.as_str()),
        ("BASH_FUNC_realpath%%", function.as_str()),
        ("BASH_FUNC_source%%", function.as_str()),
        ("CDPATH", "/"),
        ("CARGO_HOME", "/nowhere"),
        ("CARGO_ALIAS_CUSTODY", "run"),
        ("RUSTC_WRAPPER", trap.as_str()),
        ("RUSTUP_TOOLCHAIN", "nightly"),
        ("GIT_DIR", "/nowhere"),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_EXTERNAL_DIFF", trap.as_str()),
        ("GITHUB_TOKEN", "not-a-token"),
        ("MY_SECRET", "not-a-secret"),
        ("PYTHONPATH", "/nowhere"),
    ];
    call.variables = hostile.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let outcome = run(&sandbox, &call);
    assert_eq!(outcome.script("Audit").0, 0, "{}", outcome.script("Audit").1);
    assert_eq!(sandbox.trapped(), None);
    let environment = sandbox.left("_environment").expect("an environment");
    let known = |name: &str| {
        name.starts_with("GITHUB_") && name != "GITHUB_TOKEN"
            || name.starts_with("RUNNER_")
            || ["PATH", "HOME", "CI", "SOURCE_DATE_EPOCH", "PWD", "SHLVL", "_", "OLDPWD"].contains(&name)
    };
    for line in environment.lines() {
        let name = line.split('=').next().unwrap_or_default();
        assert!(known(name), "{line} reached the program");
    }
}
