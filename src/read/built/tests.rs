use super::plain_version;

#[test]
fn spellings_of_a_version_are_one() {
    for (one, other, same) in [
        ("1.0.0-RC.1", "1.0.0rc1", true),
        ("2.0.0+cu118", "2.0.0%2Bcu118", true),
        ("2.0.0+cu118", "2.0.0_cu118", true),
        ("1.0", "1.0.0", true),
        ("v1.2", "1.2", true),
        ("2024.01.02", "2024.1.2", true),
        ("1.2", "1.3", false),
        ("1.2", "1.2.post1", false),
    ] {
        assert_eq!(plain_version(one) == plain_version(other), same, "{one} {other}");
    }
}
