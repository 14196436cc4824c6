use super::*;

#[test]
fn markers_are_judged_or_left_open() {
    let at =
        Environment { minor: 11, platform: Platform::Linux, machine: None, extras: Some(vec!["My.Extra".to_owned()]) };
    for (text, wanted) in [
        ("python_version < '3.12'", Some(true)),
        ("python_version < \"3.9\"", Some(false)),
        ("python_version >= '3.10' and sys_platform == 'linux'", Some(true)),
        ("'3.10' <= python_version", Some(true)),
        ("python_version == '3.*'", Some(true)),
        ("python_version != '3.11.*'", Some(false)),
        ("python_version ~= '3.9'", Some(true)),
        ("python_version in '3.9 3.10 3.11'", Some(true)),
        ("python_version not in '3.9, 3.10'", Some(true)),
        ("python_full_version >= '3.11.4'", None),
        ("python_full_version == '3.11.4'", None),
        ("python_full_version != '3.10.4'", Some(true)),
        ("python_full_version < '3.12'", Some(true)),
        ("python_version < '3.9rc1'", None),
        ("platform_machine == 'x86_64'", None),
        ("platform_machine == 'x86_64' and sys_platform == 'win32'", Some(false)),
        ("platform_machine == 'x86_64' or os.name == 'posix'", Some(true)),
        ("platform_system != 'Windows'", Some(true)),
        ("'linux' in sys_platform", Some(true)),
        ("implementation_name == 'cpython' and python_implementation != 'PyPy'", Some(true)),
        ("extra == 'my-extra'", Some(true)),
        ("extra == 'other'", Some(false)),
        ("(python_version<'3.9' or (sys_platform=='linux'))", Some(true)),
        ("'a' == 'a'", None),
        ("nonsense", None),
    ] {
        assert_eq!(marker_allows(text, &at), wanted, "{text}");
    }
}

#[test]
fn a_marker_that_holds_nowhere_is_known() {
    for (text, wanted) in [
        ("python_version < '3.7'", Some(false)),
        ("sys_platform == 'cygwin'", Some(false)),
        ("sys_platform == 'darwin'", Some(true)),
        ("platform_machine == 'arm64' and sys_platform == 'darwin'", Some(true)),
        ("extra == 'x'", None),
    ] {
        assert_eq!(marker_allows_somewhere(text), wanted, "{text}");
    }
}

#[test]
fn faults_have_places() {
    for (text, at, message) in [
        ("", 0, "expected a name of the environment or a quoted text"),
        ("os_name", 7, "expected a comparison"),
        ("os_name == 'nt", 11, "the quote is not closed"),
        ("(os_name == 'nt'", 0, "the parenthesis is not closed"),
        ("os_name == 'nt' 'x'", 16, "expected `and` or `or`"),
        ("os_names == 'nt'", 0, "`os_names` is no name of the environment"),
    ] {
        assert_eq!(parse(text), Err(Wrong::new(at, message)), "{text}");
    }
}

#[test]
fn nesting_is_bounded_and_length_costs_its_length() {
    let deep = format!("{}os_name == 'nt'{}", "(".repeat(4000), ")".repeat(4000));
    assert_eq!(parse(&deep).unwrap_err().message, "parentheses are nested too deeply");
    let fine = format!("{}os_name == 'nt'{}", "(".repeat(DEPTH), ")".repeat(DEPTH));
    assert!(parse(&fine).is_ok());
    let long = vec!["(os_name == 'nt' or extra == 'a')"; 20_000].join(" and ");
    assert!(parse(&long).is_ok());
}
