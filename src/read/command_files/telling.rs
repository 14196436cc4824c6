//! Which texts are worth reading as commands: those that name a program which fetches, installs, builds or turns
//! a check off. Most scripts of a tree name none, and reading them all would cost more than all else.
//!
//! A cheap look at words. It may say yes to a comment; it must not say no to a command that rules know.

/// Bytes of the longest name.
const LONGEST: usize = 28;

/// Whether a text names such a program as a word.
pub(super) fn may_act(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| is_part(**byte)).count();
        if (2..=LONGEST).contains(&length) {
            let (word, after) = rest.split_at(length);
            if is_named(word) || (word == b"go" && goes_on(after, &[b"install", b"get", b"run", b"mod", b"env"])) {
                return true;
            }
        }
        at += length.max(1);
    }
    false
}

/// Whether the next word is one of some.
fn goes_on(after: &[u8], words: &[&[u8]]) -> bool {
    let rest = after.trim_ascii_start();
    rest.len() < after.len() && words.iter().any(|word| rest.starts_with(word))
}

/// Whether a byte is part of a word.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_named(word: &[u8]) -> bool {
    // `python3.12 -m pip3.12`, `apt-get`, `huggingface-cli`: what stands before the sign is the word.
    let stem = word.trim_ascii_end();
    let digits = stem.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let stem = stem.get(..stem.len() - digits).unwrap_or_default();
    is_fetcher(stem) || is_installer(stem) || is_engine(stem) || is_switch(word)
}

/// Programs that fetch files, repositories, models.
fn is_fetcher(word: &[u8]) -> bool {
    matches!(
        word,
        b"curl"
            | b"wget"
            | b"aria2c"
            | b"aria"
            | b"axel"
            | b"lftp"
            | b"clone"
            | b"submodule"
            | b"gh"
            | b"aws"
            | b"gsutil"
            | b"gcloud"
            | b"az"
            | b"azcopy"
            | b"rclone"
            | b"s5cmd"
            | b"s3cmd"
            | b"hf"
            | b"huggingface"
            | b"ollama"
            | b"dvc"
            | b"kaggle"
            | b"modelscope"
            | b"gdown"
            | b"urlretrieve"
            | b"urlopen"
            | b"iwr"
            | b"irm"
            | b"iex"
            | b"WebRequest"
            | b"RestMethod"
            | b"WebClient"
            | b"BitsTransfer"
            | b"DownloadFile"
            | b"DownloadString"
    )
}

/// Programs that install packages.
fn is_installer(word: &[u8]) -> bool {
    matches!(
        word,
        b"pip"
            | b"conda"
            | b"mamba"
            | b"micromamba"
            | b"pixi"
            | b"poetry"
            | b"pdm"
            | b"pipenv"
            | b"uv"
            | b"uvx"
            | b"pipx"
            | b"easy_install"
            | b"npm"
            | b"npx"
            | b"yarn"
            | b"pnpm"
            | b"bun"
            | b"bunx"
            | b"deno"
            | b"corepack"
            | b"cargo"
            | b"rustup"
            | b"gem"
            | b"bundle"
            | b"composer"
            | b"luarocks"
            | b"cpan"
            | b"cpanm"
            | b"nuget"
            | b"dotnet"
            | b"apt"
            | b"dpkg"
            | b"apk"
            | b"dnf"
            | b"yum"
            | b"microdnf"
            | b"rpm"
            | b"zypper"
            | b"pacman"
            | b"brew"
            | b"choco"
            | b"winget"
            | b"scoop"
            | b"snap"
            | b"flatpak"
            | b"nix"
            | b"asdf"
            | b"mise"
            | b"sdk"
            | b"vcpkg"
            | b"conan"
            | b"PIP"
            | b"UV"
            | b"CONDA"
            | b"POETRY"
            | b"CURL"
            | b"NPM"
            | b"CARGO"
            | b"DOCKER"
            | b"HELM"
            | b"KUBECTL"
    )
}

/// Programs that run or load images and manifests.
fn is_engine(word: &[u8]) -> bool {
    matches!(
        word,
        b"docker"
            | b"podman"
            | b"nerdctl"
            | b"buildah"
            | b"skopeo"
            | b"crane"
            | b"oras"
            | b"kubectl"
            | b"kustomize"
            | b"helm"
            | b"ctr"
            | b"oc"
    )
}

/// Variables that turn a check off.
fn is_switch(word: &[u8]) -> bool {
    matches!(
        word,
        b"NODE_TLS_REJECT_UNAUTHORIZED"
            | b"GIT_SSL_NO_VERIFY"
            | b"PYTHONHTTPSVERIFY"
            | b"GONOSUMDB"
            | b"GONOSUMCHECK"
            | b"GOINSECURE"
            | b"GOSUMDB"
            | b"GOFLAGS"
            | b"DOCKER_CONTENT_TRUST"
            | b"StrictHostKeyChecking"
            | b"sslVerify"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_told_from_words_that_hold_their_names() {
        for (text, expected) in [
            ("pip install a", true),
            ("python3 -m pip3.12 install", true),
            ("exec /usr/bin/uv sync", true),
            ("UV_VERSION=1", false),
            ("$(PIP) install x", true),
            ("echo pipeline uvicorn equip curly", false),
            ("", false),
            ("apt-get update", true),
            ("git -C x clone a", true),
            ("git status", false),
            ("go install x@latest", true),
            ("let us go home", false),
            ("export GIT_SSL_NO_VERIFY=1", true),
            ("Invoke-WebRequest x", true),
            ("huggingface-cli download x", true),
            ("uv", true),
        ] {
            assert_eq!(may_act(text.as_bytes()), expected, "{text}");
        }
    }
}
