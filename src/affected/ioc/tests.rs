use super::*;
use crate::affected::Target;

fn texts(list: &List) -> Vec<&str> {
    list.asked.iter().map(|asked| asked.text.as_str()).collect()
}

#[test]
fn one_a_line_with_comments_and_without_teeth() {
    let list =
        read("# incident\nlitellm==1.82.7 # first\n\nhxxps://models[.]example[.]com/x\nlitellm==1.82.7\na b/c d\n");
    assert_eq!(texts(&list), ["litellm==1.82.7", "http://models.example.com/x".replace("http:", "https:").as_str()]);
    assert_eq!(list.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6]);
    assert_eq!(list.asked[0].because.as_deref(), Some("line 2 of the list"));
}

#[test]
fn tables_tell_the_kind_of_each_value() {
    let digest = "ab".repeat(32);
    let list = read(&format!(
        "type,value,note\nsha256,{digest},\"a, b\"\ndomain,models[.]example[.]com,\nregistry-key,HKLM,\npypi,litellm==1.82.7,\n"
    ));
    assert_eq!(list.asked.len(), 3, "{list:?}");
    assert!(matches!(&list.asked[1].targets[..], [Target::Host(host)] if host == "models.example.com"));
    assert_eq!(list.problems, [(4, "`registry-key` is no kind that is asked about".to_owned())]);
    let list = read("ecosystem,package,version\npypi,litellm,1.82.7\nnpm,@nx/devkit,21.5.0\n");
    assert_eq!(texts(&list), ["pypi:litellm@1.82.7", "npm:@nx/devkit@21.5.0"]);
}

#[test]
fn our_own_form_says_when() {
    let list = read(
        r#"{"targets": ["pypi:litellm@1.82.7",
  {"target": "action:acme/tool", "since": "2026-03-25"}, 7], "since": "2026-03-24", "until": "soon"}"#,
    );
    let day = crate::affected::when::moment;
    assert_eq!(list.asked[0].since, day("2026-03-24"));
    assert_eq!(list.asked[1].since, day("2026-03-25"));
    assert_eq!(list.problems.len(), 2, "{:?}", list.problems);
}

#[test]
fn the_same_at_another_time_is_another_question() {
    let list = read(
        r#"{"targets": [{"target": "pypi:a", "since": "2026-01-01"}, {"target": "pypi:a", "since": "2026-03-01"},
  {"target": "pypi:a", "since": "2026-03-01"}]}"#,
    );
    assert_eq!(list.asked.len(), 2, "{list:?}");
}

#[test]
fn lines_that_are_no_target_are_told() {
    let list = read("litellm==1.82.7\nwhat is this\nsha256:zz\nlitellm@notaversion\n");
    assert_eq!(texts(&list), ["litellm==1.82.7"]);
    assert_eq!(list.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn patterns_of_stix_are_read_where_they_are_simple() {
    let digest = "cd".repeat(32);
    let list = read(&format!(
        r#"{{"type": "bundle", "objects": [
  {{"type": "indicator", "pattern": "[file:hashes.'SHA-256' = '{digest}' OR domain-name:value = 'a.example.com']"}},
  {{"type": "malware"}},
  {{"type": "indicator", "pattern": "[url:value = 'https://b.example.com/x'] AND [process:name = 'sh']"}},
  {{"type": "indicator", "pattern": "[file:name MATCHES 'x']"}}]}}"#
    ));
    let targets: Vec<&Target> = list.asked.iter().flat_map(|asked| &asked.targets).collect();
    assert!(matches!(targets[..], [Target::Digest(_), Target::Host(_), Target::Host(_)]), "{targets:?}");
    assert_eq!(list.problems.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5]);
}

#[test]
fn records_of_osv_name_packages_and_versions() {
    let list = read(
        r#"[{"id": "MAL-2026-1", "affected": [
  {"package": {"ecosystem": "PyPI", "name": "litellm"}, "versions": ["1.82.7", "1.82.8"]},
  {"package": {"ecosystem": "GitHub Actions", "name": "acme/tool"},
   "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]},
  {"ranges": []}]}]"#,
    );
    assert_eq!(texts(&list), ["litellm@==1.82.7 || ==1.82.8", "acme/tool@<2.0"]);
    assert_eq!(list.asked[0].because.as_deref(), Some("MAL-2026-1"));
    assert_eq!(list.problems, [(5, "what is affected has no package".to_owned())]);
}

#[test]
fn nothing_of_it_ends_badly() {
    for text in
        ["", "[", "{", "[[[[", "{\"targets\": 1}", "[.]", "type,value", "a,b\n,", "[{\"affected\": [[]]}]", "\"'"]
    {
        let _ = read(text);
    }
}
