use super::*;

#[test]
fn only_what_github_could_hold_is_put_into_an_address() {
    let commit = "a".repeat(40);
    for (name, path, expected) in [
        ("a/b", "", true),
        ("a-b/c.d_e", "x/y", true),
        ("a/b", ".github/workflows/x.yml", true),
        ("a", "", false),
        ("a/b/c", "", false),
        ("a/..", "", false),
        ("a/b", "../x", false),
        ("a/b", "x//y", false),
        ("a/b", "x?y", false),
        ("a/b", "x%2f", false),
        ("a /b", "", false),
    ] {
        assert_eq!(is_of_github(name, path, &commit), expected, "{name} {path}");
    }
    assert!(!is_of_github("a/b", "", "main"));
    assert_eq!(file_name("refs", "https://github.com/a/b"), "refs-https...github.com.a.b");
    assert_eq!(file_name("x", &"y".repeat(900)).len(), LONGEST);
}
