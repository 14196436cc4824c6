//! Keys and package URLs of conda's packages. Source: the package-url specification, "conda".

use crate::sbom::purl::Purl;

/// A package as a channel has it: what tells one file of it from another.
#[derive(Debug, Clone, Copy, Default)]
pub struct CondaRelease<'a> {
    /// Its name, as conda spells it.
    pub name: &'a str,
    /// Its version.
    pub version: Option<&'a str>,
    /// Its build.
    pub build: Option<&'a str>,
    /// The channel's name, the same for all spellings.
    pub channel: Option<&'a str>,
    /// Its platform.
    pub platform: Option<&'a str>,
}

impl CondaRelease<'_> {
    /// Its key in the graph.
    #[must_use]
    pub fn key(&self) -> String {
        let part = |part: Option<&str>| part.unwrap_or("").to_owned();
        format!(
            "conda:{}@{} {} {} {}",
            self.name,
            part(self.version),
            part(self.build),
            part(self.channel),
            part(self.platform)
        )
    }

    /// Its package URL.
    #[must_use]
    pub fn purl(&self) -> String {
        let purl = Purl::new("conda", None, self.name).at(self.version.unwrap_or_default());
        // One without a value is left out: packages that pixi builds from a folder have no build yet.
        let parts = [("build", self.build), ("channel", self.channel), ("subdir", self.platform)];
        parts.iter().fold(purl, |purl, (key, value)| purl.with(key, value.unwrap_or_default())).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn purls_have_sorted_qualifiers() {
        let release = CondaRelease {
            name: "numpy",
            version: Some("1.26.0"),
            build: Some("py311_0"),
            channel: Some("conda.example.com/team"),
            platform: Some("linux-64"),
        };
        assert_eq!(
            release.purl(),
            "pkg:conda/numpy@1.26.0?build=py311_0&channel=conda.example.com%2Fteam&subdir=linux-64"
        );
        assert_eq!(CondaRelease { name: "git", ..CondaRelease::default() }.purl(), "pkg:conda/git");
        // Packages that pixi builds from a folder have no build yet.
        let built = CondaRelease { name: "git", build: Some(""), ..CondaRelease::default() };
        assert_eq!(built.purl(), "pkg:conda/git");
    }

    proptest! {
        #[test]
        fn two_files_have_two_keys(
            one in "[a-z]{1,3}", other in "[a-z]{1,3}", version in "[0-9]{1,2}", channel in "[a-z]{1,3}", second in "[a-z]{1,3}",
        ) {
            let release = |name, channel| CondaRelease {
                name, version: Some(&version), channel: Some(channel), ..CondaRelease::default()
            };
            let same = one == other && channel == second;
            prop_assert_eq!(release(&one, &channel).key() == release(&other, &second).key(), same);
            prop_assert_eq!(release(&one, &channel).purl() == release(&other, &second).purl(), same);
        }
    }
}
