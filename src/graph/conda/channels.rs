//! Conda's channels: what a name or an address stands for, and how conda chooses among several. Sources:
//! conda's "Managing channels" and "Channels"; pixi's "Manifest reference".

use crate::graph::indexes::{self, CONDA_CLOUD, CONDA_DEFAULTS, CONDA_PUBLISHERS};

/// Whose a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelKind {
    /// Anaconda's own: `defaults` and what it stands for.
    Anaconda,
    /// conda-forge, or a mirror of it.
    CondaForge,
    /// A publisher's own on Anaconda's public server, known by its name.
    Publisher,
    /// Somebody's on a public server.
    Community,
    /// On a server of its own.
    Private,
    /// Known only when it is used: a variable stands in it.
    Unknown,
    /// A folder or a server of the machine.
    Machine,
}

impl ChannelKind {
    /// Whether everybody sees its packages.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Anaconda | Self::CondaForge | Self::Publisher | Self::Community)
    }
}

/// A channel, by the name that all its spellings share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Channel {
    /// Its name, or its address without scheme and credential.
    pub name: String,
    /// Whose it is.
    pub kind: ChannelKind,
}

impl Channel {
    /// The channel that a package's file lies on, by the file's address: without the file and its platform.
    #[must_use]
    pub fn of_file(url: &str) -> Option<Self> {
        let folder = url.rsplit_once('/').map_or(url, |(folder, _)| folder);
        Self::of(folder.rsplit_once('/').map_or(folder, |(channel, _)| channel))
    }

    /// What a name or address stands for; none for `nodefaults`, which is no channel.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let named = |name: &str, kind| Some(Self { name: name.to_owned(), kind });
        match text {
            "" | "nodefaults" => return None,
            "defaults" | "anaconda" | "main" | "free" | "r" | "msys2" | "pro" => {
                return named("defaults", ChannelKind::Anaconda);
            }
            _ if text.contains(['$', '{', '`']) => return named(text, ChannelKind::Unknown),
            "local" => return named("local", ChannelKind::Machine),
            _ if text.starts_with(['/', '.', '~', '\\']) => return named(text, ChannelKind::Machine),
            _ => {}
        }
        if text.contains("://") {
            let bare = indexes::bare(text);
            let below =
                |root: &str| bare.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if CONDA_DEFAULTS.iter().any(|root| below(root)) {
                return named("defaults", ChannelKind::Anaconda);
            }
            if let Some(root) = CONDA_CLOUD.iter().find(|root| below(root)) {
                let path = bare.get(root.len()..).unwrap_or("").trim_start_matches('/');
                // `t/TOKEN/channel` for those who log in.
                let path = path.strip_prefix("t/").and_then(|rest| rest.split_once('/')).map_or(path, |(_, rest)| rest);
                if !path.is_empty() {
                    return Some(Self::named(path));
                }
            }
            let host = bare.split(['/', ':']).next().unwrap_or("");
            let is_of_machine = text.starts_with("file:") || matches!(host, "localhost" | "127.0.0.1");
            return named(&bare, if is_of_machine { ChannelKind::Machine } else { ChannelKind::Private });
        }
        Some(Self::named(&text.to_ascii_lowercase()))
    }

    /// A channel of Anaconda's public server: `name`, `name/label/dev`, `name/linux-64`.
    fn named(path: &str) -> Self {
        if path == "pkgs" || path.starts_with("pkgs/") {
            return Self { name: "defaults".to_owned(), kind: ChannelKind::Anaconda };
        }
        let name = path.split('/').next().unwrap_or(path);
        let kind = match name {
            "conda-forge" => ChannelKind::CondaForge,
            "defaults" | "anaconda" | "main" => ChannelKind::Anaconda,
            _ if CONDA_PUBLISHERS.contains(&name) => ChannelKind::Publisher,
            _ => ChannelKind::Community,
        };
        let name = if kind == ChannelKind::Anaconda { "defaults" } else { name };
        Self { name: name.to_owned(), kind }
    }
}

/// How conda chooses where several channels have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// The first channel that has a name answers for it, always. pixi's way unless told otherwise.
    Strict,
    /// The first channel that has a name, unless what it has does not fit: then the next. conda's way
    /// unless told otherwise.
    Flexible,
    /// The highest version of all; the order breaks ties.
    Disabled,
}

impl Priority {
    /// What a setting means.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "strict" => Self::Strict,
            "flexible" | "true" => Self::Flexible,
            "disabled" | "false" => Self::Disabled,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_channel_are_one() {
        for (text, expected) in [
            ("conda-forge", Some(("conda-forge", ChannelKind::CondaForge))),
            ("conda-forge/label/dev", Some(("conda-forge", ChannelKind::CondaForge))),
            ("https://conda.anaconda.org/conda-forge/", Some(("conda-forge", ChannelKind::CondaForge))),
            ("https://conda.anaconda.org/conda-forge/linux-64", Some(("conda-forge", ChannelKind::CondaForge))),
            ("https://repo.prefix.dev/conda-forge", Some(("conda-forge", ChannelKind::CondaForge))),
            ("defaults", Some(("defaults", ChannelKind::Anaconda))),
            ("https://repo.anaconda.com/pkgs/main", Some(("defaults", ChannelKind::Anaconda))),
            ("pkgs/main", Some(("defaults", ChannelKind::Anaconda))),
            ("nvidia/label/cuda-11.8.0", Some(("nvidia", ChannelKind::Publisher))),
            ("somebody", Some(("somebody", ChannelKind::Community))),
            ("https://conda.anaconda.org/t/abc/somebody", Some(("somebody", ChannelKind::Community))),
            ("https://conda.example.com/team/linux", Some(("conda.example.com/team/linux", ChannelKind::Private))),
            ("https://u:p@conda.example.com/a/", Some(("conda.example.com/a", ChannelKind::Private))),
            ("${CHANNEL}", Some(("${CHANNEL}", ChannelKind::Unknown))),
            ("file:///opt/channel", Some(("/opt/channel", ChannelKind::Machine))),
            ("./channel", Some(("./channel", ChannelKind::Machine))),
            ("nodefaults", None),
        ] {
            let found = Channel::of(text);
            assert_eq!(found.as_ref().map(|c| (c.name.as_str(), c.kind)), expected, "{text}");
        }
    }
}
