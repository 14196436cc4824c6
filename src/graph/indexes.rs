//! Addresses of public package indexes that must be recognised, and what an address is to a tree.
//! They stand here and nowhere else.

use std::collections::BTreeMap;

use super::Document;
use super::kinds::python::LockedOrigin;
use crate::config::Upstream;
use crate::source::Place;

/// The simple index of PyPI and its older names, without scheme and trailing slash.
/// Source: PEP 503; warehouse documentation, "Index API".
const PYPI: &[&str] = &["pypi.org/simple", "pypi.python.org/simple", "pypi.python.org/pypi", "pypi.org/pypi"];

/// PyPI's simple index as a lock of uv spells it.
pub const PYPI_SIMPLE: &str = "https://pypi.org/simple";

/// Where PyPI's documents lie: below it `simple/`, `pypi/` and `integrity/`.
pub const PYPI_SITE: &str = "https://pypi.org";
/// The sparse index of crates.io.
pub const CRATES_IO_INDEX: &str = "https://index.crates.io";
/// The site of crates.io.
pub const CRATES_IO_SITE: &str = "https://crates.io";
/// Where repositories of actions lie.
pub const GITHUB: &str = "https://github.com";
/// Where files of its repositories lie, by commit.
pub const GITHUB_RAW: &str = "https://raw.githubusercontent.com";

/// The hub of models, data sets and kernels that names without a host are of.
pub const HUB: &str = "https://huggingface.co";
/// Where the registry of Docker Hub answers. Source: Docker, "Registry API".
pub const DOCKER_HUB: &str = "registry-1.docker.io";
/// Registries of images that anybody may read, as their hosts are written. Source: the help pages of each.
pub const IMAGE_REGISTRIES: &[&str] = &[
    "docker.io",
    "index.docker.io",
    DOCKER_HUB,
    "gcr.io",
    "ghcr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.gitlab.com",
    "registry.k8s.io",
];
/// Hosts from which makers of well-known tools hand them out. Source: the installation pages of each.
pub const TOOL_HOSTS: &[&str] = &[
    "astral.sh",
    "cdn.dl.k8s.io",
    "dl.k8s.io",
    "developer.download.nvidia.com",
    "get.helm.sh",
    "github.com",
    "gitlab.com",
    "go.dev",
    "huggingface.co",
    "nodejs.org",
    "raw.githubusercontent.com",
    "releases.astral.sh",
    "releases.hashicorp.com",
    "repo.anaconda.com",
    "sh.rustup.rs",
    "static.rust-lang.org",
    "download.pytorch.org",
];

/// What pages and tests write in its place, so that the address stands here alone.
const STAND_IN: &str = "https://pypi.example/simple";

/// A text with PyPI's address where its stand-in is written.
#[must_use]
pub fn put_in(text: &str) -> String {
    text.replace(STAND_IN, PYPI_SIMPLE)
}

/// Where PyPI keeps its files.
const PYPI_FILES: &str = "files.pythonhosted.org/packages/";

/// Where anybody may try out an upload; its names are nobody's.
const TRIAL: &[&str] = &["test.pypi.org/simple", "testpypi.python.org/simple", "testpypi.python.org/pypi"];

/// Public mirrors of the whole of PyPI, which take no uploads. Source: the help pages of the mirrors.
const PUBLIC_MIRRORS: &[&str] = &[
    "mirrors.aliyun.com/pypi/simple",
    "mirrors.aliyun.com/pypi/web/simple",
    "mirrors.cloud.tencent.com/pypi/simple",
    "mirrors.tencent.com/pypi/simple",
    "mirrors.bfsu.edu.cn/pypi/web/simple",
    "mirrors.huaweicloud.com/repository/pypi/simple",
    "mirror.sjtu.edu.cn/pypi/web/simple",
    "mirrors.sustech.edu.cn/pypi/web/simple",
    "mirrors.ustc.edu.cn/pypi/simple",
    "mirrors.ustc.edu.cn/pypi/web/simple",
    "mirrors.tuna.tsinghua.edu.cn/pypi/web/simple",
    "mirrors.zju.edu.cn/pypi/web/simple",
    "pypi.douban.com/simple",
    "pypi.doubanio.com/simple",
    "pypi.mirrors.ustc.edu.cn/simple",
    "pypi.tuna.tsinghua.edu.cn/simple",
    "repo.huaweicloud.com/repository/pypi/simple",
];

/// Hosts of publishers that serve wheels of their own to everybody. Each has its own names or builds;
/// none of them lets strangers upload.
const PUBLISHERS: &[&str] = &[
    "download.pytorch.org",
    "pypi.nvidia.com",
    "flashinfer.ai",
    "wheels.vllm.ai",
    "data.pyg.org",
    "storage.googleapis.com/jax-releases",
    "wheels.myhloli.com",
    "us-python.pkg.dev/ml-oss-artifacts-published",
    "pypi.anaconda.org/scientific-python-nightly-wheels",
    "pypi.fury.io/arrow-nightlies",
    "pypi.fury.io/lancedb",
    "pip.repos.neuron.amazonaws.com",
    "pytorch-extension.intel.com",
    "pypi.jetson-ai-lab.io",
    "pypi.jetson-ai-lab.dev",
    "mirrors.huaweicloud.com/ascend/repos/pypi",
    "repo.huaweicloud.com/ascend/repos/pypi",
    "pkgs.dev.azure.com/azure-sdk/public",
    "repo.radeon.com",
    "rocm.nightlies.amd.com",
    "rocm.prereleases.amd.com",
    "rocm.devreleases.amd.com",
    "aiinfra.pkgs.visualstudio.com",
];

/// Ends of hosts that serve the pages of one owner each: whoever put an index there is its publisher.
const PAGES: &[&str] = &[".github.io", ".gitlab.io"];

/// Where Anaconda's public server and its mirrors serve channels by name, without scheme. Source: conda's
/// "Channels", the help pages of the mirrors.
pub(super) const CONDA_CLOUD: &[&str] = &[
    "conda.anaconda.org",
    "conda-static.anaconda.org",
    "anaconda.org",
    "repo.prefix.dev",
    "prefix.dev",
    "mirrors.aliyun.com/anaconda/cloud",
    "mirrors.bfsu.edu.cn/anaconda/cloud",
    "mirrors.sustech.edu.cn/anaconda/cloud",
    "mirrors.tuna.tsinghua.edu.cn/anaconda/cloud",
    "mirrors.ustc.edu.cn/anaconda/cloud",
    "mirror.nju.edu.cn/anaconda/cloud",
    "mirror.sjtu.edu.cn/anaconda/cloud",
];

/// Where Anaconda's own channels (`defaults`) and mirrors of them lie.
pub(super) const CONDA_DEFAULTS: &[&str] = &[
    "repo.anaconda.com/pkgs",
    "repo.continuum.io/pkgs",
    "mirrors.aliyun.com/anaconda/pkgs",
    "mirrors.bfsu.edu.cn/anaconda/pkgs",
    "mirrors.sustech.edu.cn/anaconda/pkgs",
    "mirrors.tuna.tsinghua.edu.cn/anaconda/pkgs",
    "mirrors.ustc.edu.cn/anaconda/pkgs",
    "mirror.nju.edu.cn/anaconda/pkgs",
    "mirror.sjtu.edu.cn/anaconda/pkgs",
];

/// Channels of Anaconda's public server whose owners are known publishers of software.
pub(super) const CONDA_PUBLISHERS: &[&str] = &[
    "bioconda",
    "conda-canary",
    "dglteam",
    "esri",
    "fastai",
    "fastchan",
    "huggingface",
    "intel",
    "microsoft",
    "numba",
    "nvidia",
    "plotly",
    "pyg",
    "pytorch",
    "pytorch3d",
    "pytorch-lts",
    "pytorch-nightly",
    "pytorch-test",
    "pyviz",
    "rapidsai",
    "rapidsai-nightly",
    "xformers",
];

/// An address without scheme, user, query, fragment and trailing slash, in lower case.
#[must_use]
pub fn bare(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    rest[host..].trim_end_matches('/').to_ascii_lowercase()
}

/// Whether an address is PyPI's.
#[must_use]
pub fn is_pypi(address: &str) -> bool {
    PYPI.contains(&bare(address).as_str())
}

/// Where registries that let a workflow publish by its identity take uploads, with the names that tools have for
/// them. Source: each registry's documentation of trusted publishing.
const UPLOADS: &[(&str, &[&str])] = &[
    ("PyPI", &["upload.pypi.org/legacy", "test.pypi.org/legacy", "pypi", "testpypi", "main", "test"]),
    ("crates.io", &["crates.io", "index.crates.io", "github.com/rust-lang/crates.io-index", "crates-io"]),
    ("npm", &["registry.npmjs.org", "registry.npmjs.com", "registry.yarnpkg.com"]),
    ("RubyGems", &["rubygems.org"]),
    ("NuGet", &["api.nuget.org/v3/index.json", "www.nuget.org/api/v2/package", "nuget.org"]),
];

/// Whether an address or a name is where a registry takes uploads.
#[must_use]
pub fn is_upload_of(registry: &str, named: &str) -> bool {
    let bare = bare(named.trim().trim_matches(['"', '\'']));
    UPLOADS.iter().any(|(name, addresses)| *name == registry && addresses.contains(&bare.as_str()))
}

/// Whether an address is that of a file on PyPI, whose path holds the file's digest.
#[must_use]
pub fn is_file_of_pypi(address: &str) -> bool {
    bare(address).starts_with(PYPI_FILES)
}

/// Whether an address is that of a publisher that serves its own wheels to everybody.
#[must_use]
pub fn is_publisher(address: &str) -> bool {
    let bare = bare(address);
    let host = bare.split(['/', ':']).next().unwrap_or("");
    PAGES.iter().any(|end| host.ends_with(end))
        || PUBLISHERS.iter().any(|p| bare.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// What the address of a package index is to a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexKind {
    /// PyPI.
    PyPi,
    /// Hands on the whole of PyPI: a public mirror, or one that `custody.toml` declares.
    Mirror,
    /// Serves builds of its own to everybody and takes no uploads of strangers.
    Publisher,
    /// PyPI's trial ground: anybody may take any name.
    Trial,
    /// A folder, or a server on this machine.
    Machine,
    /// Known only when it runs: a variable or an expression stands in it.
    Unknown,
    /// Any other.
    Other,
}

impl IndexKind {
    /// Whether it answers with what PyPI holds.
    #[must_use]
    pub fn is_pypi(self) -> bool {
        matches!(self, Self::PyPi | Self::Mirror)
    }
}

/// What the addresses of indexes are: what everybody knows, and what `custody.toml` declares.
#[derive(Debug, Default)]
pub struct IndexTable {
    /// Declared mirrors by bare address, with the place that declares them.
    mirrors: BTreeMap<String, Place>,
    /// The same of crates.io.
    of_crates_io: BTreeMap<String, Place>,
}

impl IndexTable {
    /// The table of a tree.
    #[must_use]
    pub fn of(documents: &[Document]) -> Self {
        let (mut mirrors, mut of_crates_io) = (BTreeMap::new(), BTreeMap::new());
        for document in documents {
            let Some(config) = document.custody() else { continue };
            for index in &config.indexes {
                let mirrors = match index.mirror_of.value {
                    Upstream::PyPi => &mut mirrors,
                    Upstream::CratesIo => &mut of_crates_io,
                };
                mirrors.insert(bare(&index.url.value), Place::new(config.file, index.url.span));
            }
        }
        Self { mirrors, of_crates_io }
    }

    /// What an address is. A declaration counts for the very address it names, and only where the
    /// address is not known to be something else.
    #[must_use]
    pub fn kind(&self, address: &str) -> IndexKind {
        let address = address.trim();
        let bare = bare(address);
        if PYPI.contains(&bare.as_str()) {
            IndexKind::PyPi
        } else if TRIAL.contains(&bare.as_str()) {
            IndexKind::Trial
        } else if PUBLIC_MIRRORS.contains(&bare.as_str()) {
            IndexKind::Mirror
        } else if is_of_machine(address) {
            IndexKind::Machine
        } else if is_publisher(address) {
            IndexKind::Publisher
        } else if self.mirrors.contains_key(&bare) {
            IndexKind::Mirror
        } else if address.contains(['$', '{', '`', '%']) && host(address).contains(['$', '{', '`', '%']) {
            IndexKind::Unknown
        } else {
            IndexKind::Other
        }
    }

    /// Where `custody.toml` declares an address to be a mirror.
    #[must_use]
    pub fn declared(&self, address: &str) -> Option<Place> {
        self.mirrors.get(&bare(address)).copied()
    }

    /// Where `custody.toml` declares a registry of cargo's to be a mirror of crates.io. What goes unencrypted
    /// is whatever somebody on the way makes of it, and counts as no mirror.
    #[must_use]
    pub fn declared_of_crates_io(&self, address: &str) -> Option<Place> {
        let address = address.trim();
        let is_encrypted = address.strip_prefix("sparse+").unwrap_or(address).starts_with("https://");
        self.of_crates_io.get(&bare(address)).copied().filter(|_| is_encrypted)
    }

    /// Whether a locked distribution is one of PyPI's: locked from it or from a mirror of it. Then its
    /// identity is that of PyPI's, and advisories on PyPI's packages speak of it.
    #[must_use]
    pub fn is_from_pypi(&self, origin: &LockedOrigin) -> bool {
        match origin {
            LockedOrigin::PyPi => true,
            LockedOrigin::Registry(address) => self.kind(address).is_pypi(),
            _ => false,
        }
    }
}

/// Whether a host is one of a closed network that has names of its own: a cluster's service, a machine
/// beside it.
#[must_use]
pub fn is_of_closed_network(address: &str) -> bool {
    let host = host(address).to_ascii_lowercase();
    let name = host.rsplit_once(':').map_or(host.as_str(), |(name, _)| name);
    [".svc", ".local", ".internal", ".lan", ".intranet", ".corp"].iter().any(|end| name.ends_with(end))
        || !name.contains('.')
}

/// Host of an address; all of it where it has no scheme, as a variable may hold both.
fn host(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    let rest = address.get(start..).unwrap_or("");
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest.get(..end).unwrap_or(rest);
    // What stands before the `@` is a credential.
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// A folder, or a server on the loopback interface.
fn is_of_machine(address: &str) -> bool {
    if address.starts_with("file:") {
        return true;
    }
    if !address.contains("://") {
        // Resolvers take what has no scheme for a folder.
        return !address.is_empty() && !address.contains(['$', '{', '%', '`']);
    }
    let host = host(address);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0" | "host.docker.internal")
}

/// Whether a host is GitHub.
#[must_use]
pub fn is_github(host: &str) -> bool {
    host.eq_ignore_ascii_case("github.com") || host.eq_ignore_ascii_case("www.github.com")
}

/// The page of a repository on GitHub; none where the names are none.
#[must_use]
pub fn github_page(owner: &str, repository: &str) -> Option<String> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    (is_name(owner) && is_name(repository)).then(|| format!("https://github.com/{owner}/{repository}"))
}

/// The page of a model, data set or kernel on the hub that resolves its name; none for hubs whose pages do not follow
/// from names, and for names that are none of an owner and a thing.
#[must_use]
pub fn hub_page(hub: &str, is_dataset: bool, name: &str) -> Option<String> {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'));
    let has_owner = name.split('/').filter(|part| !part.is_empty()).count() == 2 && name.matches('/').count() == 1;
    if !is_name || !has_owner {
        return None;
    }
    match (hub, is_dataset) {
        ("huggingface", false) => Some(format!("https://huggingface.co/{name}")),
        ("huggingface", true) => Some(format!("https://huggingface.co/datasets/{name}")),
        ("modelscope", false) => Some(format!("https://modelscope.cn/models/{name}")),
        ("modelscope", true) => Some(format!("https://modelscope.cn/datasets/{name}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, IndexEntry};
    use crate::source::{FileId, Span, Spanned};
    use proptest::prelude::*;

    fn table(urls: &[&str]) -> IndexTable {
        let indexes = urls.iter().map(|url| IndexEntry {
            url: Spanned::new((*url).to_owned(), Span::default()),
            mirror_of: Spanned::new(Upstream::PyPi, Span::default()),
            span: Span::default(),
        });
        IndexTable::of(&[Document::Custody(Box::new(Config {
            file: FileId(0),
            indexes: indexes.collect(),
            ..Config::default()
        }))])
    }

    #[test]
    fn addresses_are_compared_bare() {
        assert!(is_pypi("https://pypi.org/simple/") && is_pypi("http://user:word@PyPI.org/simple"));
        assert!(!is_pypi("https://pypi.org.example.com/simple") && !is_pypi("https://test.pypi.org/simple"));
        assert!(is_publisher("https://download.pytorch.org/whl/cu118"));
        assert!(
            is_publisher("https://somebody.github.io/wheels") && !is_publisher("https://github.io.example.com/wheels")
        );
        assert!(!is_publisher("https://download.pytorch.org.example.com/whl"));
    }

    #[test]
    fn addresses_are_what_is_known_of_them() {
        let table = table(&["https://pypi.example.com/simple/"]);
        for (address, kind) in [
            ("https://pypi.org/simple", IndexKind::PyPi),
            ("https://test.pypi.org/simple/", IndexKind::Trial),
            ("https://mirrors.aliyun.com/pypi/simple", IndexKind::Mirror),
            ("https://pypi.example.com/simple", IndexKind::Mirror),
            ("https://user:${TOKEN}@pypi.example.com/simple", IndexKind::Mirror),
            ("https://pypi.example.com/other", IndexKind::Other),
            ("https://pypi.example.com.evil.example/simple", IndexKind::Other),
            ("https://download.pytorch.org/whl/${CUDA}", IndexKind::Publisher),
            ("https://$HOST/simple", IndexKind::Unknown),
            ("${{ vars.INDEX }}", IndexKind::Unknown),
            ("http://localhost:3141/simple", IndexKind::Machine),
            ("./dist", IndexKind::Machine),
            ("dist/", IndexKind::Machine),
            ("https://packages.example.com/simple", IndexKind::Other),
        ] {
            assert_eq!(table.kind(address), kind, "{address}");
        }
    }

    #[test]
    fn a_mirror_of_crates_io_is_none_of_pypi() {
        let index = IndexEntry {
            url: Spanned::new("sparse+https://crates.example.com/index/".to_owned(), Span::default()),
            mirror_of: Spanned::new(Upstream::CratesIo, Span::default()),
            span: Span::default(),
        };
        let table = IndexTable::of(&[Document::Custody(Box::new(Config {
            file: FileId(0),
            indexes: vec![index],
            ..Config::default()
        }))]);
        for (address, is_mirror) in [
            ("sparse+https://crates.example.com/index", true),
            ("https://crates.example.com/index/", true),
            ("sparse+http://crates.example.com/index/", false),
            ("https://crates.example.com/other", false),
            ("https://crates.example.com.evil.example/index", false),
        ] {
            assert_eq!(table.declared_of_crates_io(address).is_some(), is_mirror, "{address}");
            assert_eq!((table.kind(address), table.declared(address)), (IndexKind::Other, None), "{address}");
        }
    }

    #[test]
    fn closed_networks_are_told_by_their_names() {
        assert!(is_of_closed_network("http://cache.pypi.svc.cluster.local:8080/simple"));
        assert!(is_of_closed_network("http://devpi/simple") && is_of_closed_network("cache.internal"));
        assert!(!is_of_closed_network("http://packages.example.com/simple"));
    }

    #[test]
    fn a_declaration_does_not_turn_a_known_address_into_a_mirror() {
        let table = table(&["https://test.pypi.org/simple", "https://download.pytorch.org/whl/cpu"]);
        assert_eq!(table.kind("https://test.pypi.org/simple"), IndexKind::Trial);
        assert_eq!(table.kind("https://download.pytorch.org/whl/cpu"), IndexKind::Publisher);
        assert!(!table.is_from_pypi(&LockedOrigin::Registry("https://download.pytorch.org/whl/cpu".to_owned())));
    }

    proptest! {
        #[test]
        fn a_declaration_counts_for_its_address_alone(
            declared in "https://[a-z]{1,4}\\.example\\.com(/[a-z]{1,3}){0,2}",
            asked in "https://[a-z]{1,4}\\.example\\.com(/[a-z]{1,3}){0,2}",
        ) {
            let table = table(&[&declared]);
            let origin = LockedOrigin::Registry(asked.clone());
            prop_assert_eq!(table.is_from_pypi(&origin), declared == asked);
            let with_slash = LockedOrigin::Registry(format!("{declared}/"));
            prop_assert!(table.is_from_pypi(&with_slash));
        }
    }
}
