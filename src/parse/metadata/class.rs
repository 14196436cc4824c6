//! What a build uses a package for, as `guppy` simulates cargo.

use guppy::graph::PackageGraph;
use guppy::graph::cargo::{CargoOptions, CargoResolverVersion, CargoSet};
use guppy::graph::feature::StandardFeatures;
use guppy::platform::{Platform, PlatformSpec, TargetFeatures};
use guppy::{Error, PackageId};

/// The platforms that services run on. What is built for none of them is of class
/// [`BuildClass::OtherPlatform`].
pub const COMMON_PLATFORMS: &[&str] = &[
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
];

/// What a build of a workspace uses a package for. The weightiest first: a package is of the first
/// class that holds for any member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuildClass {
    /// Part of what is built for a common platform with the default features.
    DefaultRuntime,
    /// Part of it only with a feature that is not on by default.
    NonDefaultFeature,
    /// Only compiled for the machine that builds: build scripts, procedural macros and their needs.
    BuildTime,
    /// Built only under a target condition that holds on no common platform.
    OtherPlatform,
    /// Built only for tests, examples and benchmarks of the members.
    DevOnly,
    /// In the lock, but no set of features and no target builds it.
    NeverBuilt,
}

impl BuildClass {
    /// The class in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DefaultRuntime => "default runtime",
            Self::NonDefaultFeature => "non-default feature",
            Self::BuildTime => "build time",
            Self::OtherPlatform => "other platform",
            Self::DevOnly => "dev only",
            Self::NeverBuilt => "never built",
        }
    }
}

/// Cargo's rules for features. Versions 2 and 3 agree in what they build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolver {
    /// `resolver = "1"`: one set of features for host and target.
    V1,
    /// `resolver = "2"` and above.
    V2,
}

/// The class of each package. Takes five walks over the graph.
pub(super) fn classes(
    graph: &PackageGraph,
    ids: &[PackageId],
    resolver: Resolver,
) -> Result<Vec<BuildClass>, Box<Error>> {
    let common = COMMON_PLATFORMS.iter().map(|triple| Platform::new(*triple, TargetFeatures::Unknown));
    let common = PlatformSpec::platforms(common.filter_map(Result::ok));
    let build = |features: StandardFeatures, platform: &PlatformSpec, with_dev: bool| {
        let mut options = CargoOptions::new();
        options.set_platform(platform.clone()).set_include_dev(with_dev).set_resolver(match resolver {
            Resolver::V1 => CargoResolverVersion::V1,
            Resolver::V2 => CargoResolverVersion::V2,
        });
        graph.resolve_workspace().to_feature_set(features).into_cargo_set(&options)
    };
    let default = build(StandardFeatures::Default, &common, false)?;
    let all = build(StandardFeatures::All, &common, false)?;
    let anywhere = build(StandardFeatures::All, &PlatformSpec::Any, false)?;
    let with_dev = build(StandardFeatures::All, &PlatformSpec::Any, true)?;
    let target = |set: &CargoSet<'_>, id: &PackageId| set.target_features().contains_package(id);
    let host = |set: &CargoSet<'_>, id: &PackageId| set.host_features().contains_package(id);
    ids.iter()
        .map(|id| {
            Ok(if target(&default, id)? {
                BuildClass::DefaultRuntime
            } else if target(&all, id)? {
                BuildClass::NonDefaultFeature
            } else if host(&all, id)? {
                BuildClass::BuildTime
            } else if target(&anywhere, id)? || host(&anywhere, id)? {
                BuildClass::OtherPlatform
            } else if target(&with_dev, id)? || host(&with_dev, id)? {
                BuildClass::DevOnly
            } else {
                BuildClass::NeverBuilt
            })
        })
        .collect()
}
