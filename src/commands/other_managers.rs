//! Package managers of systems and of other languages: by which words they install, and which of their options
//! take a value. Sources: the manual of each.

use super::managers::Manager;

/// Options of `gem install` that take a value.
const GEM: &[&str] = &[
    "-v",
    "--version",
    "-s",
    "--source",
    "-i",
    "--install-dir",
    "-n",
    "--bindir",
    "-P",
    "--trust-policy",
    "-p",
    "--http-proxy",
];

const APT: &[&str] = &["-o", "-t", "--target-release", "-c"];
/// Options of `composer` that take a value.
const COMPOSER: &[&str] = &["-d", "--working-dir", "--prefer-install", "--ignore-platform-req"];
/// Options of `dotnet tool` and `dotnet restore` that take a value.
const DOTNET: &[&str] = &[
    "--version",
    "--tool-path",
    "--add-source",
    "--source",
    "-s",
    "--configfile",
    "--framework",
    "--runtime",
    "-r",
    "--packages",
    "--verbosity",
    "-v",
    "--lock-file-path",
];
/// Parameters of PowerShell's installers that take a value, in the spelling of their help.
const POWERSHELL: &[&str] = &[
    "-Name",
    "-RequiredVersion",
    "-Version",
    "-MinimumVersion",
    "-MaximumVersion",
    "-Repository",
    "-Scope",
    "-Source",
    "-ProviderName",
    "-Destination",
];
/// Options of `deno` that take a value.
const DENO: &[&str] = &["-n", "--name", "--root", "-c", "--config", "--import-map", "--lock", "--cert", "-r"];

/// The managers of systems and other languages.
pub(super) const OTHERS: &[Manager] = &[
    Manager { programs: &["apt", "apt-get", "aptitude"], manager: "apt", verbs: &[&["install"]], valued: APT },
    Manager {
        programs: &["dnf", "yum", "microdnf", "zypper", "tdnf"],
        manager: "dnf",
        verbs: &[&["install"], &["localinstall"], &["groupinstall"]],
        valued: &["-x", "--exclude", "--enablerepo", "--disablerepo", "--repo"],
    },
    Manager {
        programs: &["apk"],
        manager: "apk",
        verbs: &[&["add"]],
        valued: &["-X", "--repository", "-t", "--virtual"],
    },
    Manager { programs: &["pacman"], manager: "pacman", verbs: &[&[]], valued: &[] },
    Manager { programs: &["brew"], manager: "brew", verbs: &[&["install"], &["bundle"]], valued: &["--file"] },
    Manager {
        programs: &["choco"],
        manager: "choco",
        verbs: &[&["install"], &["upgrade"]],
        valued: &["--version", "-s", "--source", "--package-parameters", "--params", "--ia", "--install-arguments"],
    },
    Manager {
        programs: &["winget"],
        manager: "winget",
        verbs: &[&["install"]],
        valued: &["--id", "-v", "--version", "-s", "--source", "--scope", "-a", "--architecture", "--override"],
    },
    Manager { programs: &["scoop"], manager: "scoop", verbs: &[&["install"]], valued: &["-a", "--arch"] },
    Manager {
        programs: &["Install-Module", "Install-Package", "Install-PSResource", "Install-Script"],
        manager: "powershell",
        verbs: &[&[]],
        valued: POWERSHELL,
    },
    Manager {
        programs: &["go"],
        manager: "go",
        verbs: &[&["install"], &["get"], &["run"]],
        valued: &["-ldflags", "-tags", "-o"],
    },
    Manager { programs: &["gem"], manager: "gem", verbs: &[&["install"], &["i"]], valued: GEM },
    Manager {
        programs: &["bundle", "bundler"],
        manager: "bundle",
        verbs: &[&["add"], &["install"], &["update"]],
        valued: &[
            "--gemfile",
            "--jobs",
            "-j",
            "--retry",
            "--without",
            "--with",
            "-v",
            "--version",
            "-s",
            "--source",
            "-g",
            "--group",
            "--git",
            "--github",
            "--branch",
            "--ref",
            "--path",
        ],
    },
    Manager {
        programs: &["composer"],
        manager: "composer",
        verbs: &[&["require"], &["global", "require"], &["install"], &["update"]],
        valued: COMPOSER,
    },
    Manager {
        programs: &["cpan", "cpanm", "cpm"],
        manager: "cpan",
        verbs: &[&["install"], &[]],
        valued: &["-l", "-L", "--mirror"],
    },
    Manager {
        programs: &["luarocks"],
        manager: "luarocks",
        verbs: &[&["install"]],
        valued: &["--server", "--tree", "--lua-version"],
    },
    Manager {
        programs: &["rustup"],
        manager: "rustup",
        verbs: &[&["toolchain", "install"], &["install"], &["default"], &["update"]],
        valued: &["--profile", "-c", "--component", "-t", "--target"],
    },
    Manager { programs: &["snap"], manager: "snap", verbs: &[&["install"]], valued: &["--channel", "--revision"] },
    Manager {
        programs: &["dotnet"],
        manager: "dotnet",
        verbs: &[&["tool", "install"], &["tool", "update"], &["restore"]],
        valued: DOTNET,
    },
    Manager {
        programs: &["nuget"],
        manager: "nuget",
        verbs: &[&["install"], &["restore"]],
        valued: &["-Version", "-OutputDirectory", "-Source", "-ConfigFile", "-PackagesDirectory", "-SolutionDirectory"],
    },
    Manager { programs: &["deno"], manager: "deno", verbs: &[&["install"], &["add"], &["run"]], valued: DENO },
    Manager {
        programs: &["corepack"],
        manager: "corepack",
        verbs: &[&["prepare"], &["use"], &["install"]],
        valued: &["--install-directory"],
    },
    Manager {
        programs: &["gh"],
        manager: "gh",
        verbs: &[&["extension", "install"], &["ext", "install"], &["extensions", "install"]],
        valued: &["--pin"],
    },
    Manager {
        programs: &["gemini"],
        manager: "gemini",
        verbs: &[&["extensions", "install"]],
        valued: &["--ref", "--source", "--path"],
    },
    Manager { programs: &["openclaw"], manager: "openclaw", verbs: &[&["plugins", "install"]], valued: &["--profile"] },
    Manager { programs: &["helm"], manager: "helm", verbs: &[&["plugin", "install"]], valued: &["--version"] },
    Manager { programs: &["kubectl"], manager: "krew", verbs: &[&["krew", "install"]], valued: &["--manifest"] },
    Manager {
        programs: &["code", "code-server", "openvscode-server", "cursor"],
        manager: "code",
        verbs: &[&[]],
        valued: &["--install-extension", "--extensions-dir", "--user-data-dir"],
    },
    Manager {
        programs: &["nix"],
        manager: "nix",
        verbs: &[&["run"], &["profile", "install"], &["profile", "add"], &["shell"]],
        valued: &["-c", "--command", "--extra-experimental-features", "--experimental-features", "--option"],
    },
    Manager { programs: &["nvm"], manager: "nvm", verbs: &[&["install"]], valued: &["--reinstall-packages-from"] },
    Manager { programs: &["mise"], manager: "mise", verbs: &[&["use"], &["install"]], valued: &["-e", "--env"] },
];
