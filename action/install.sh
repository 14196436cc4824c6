#!/usr/bin/env bash
# Puts a cargo-custody where the next step finds it: the one that is named, a released binary whose hash stands in
# hashes.txt, or a build of the source beside this script.
set -euo pipefail
# shellcheck source=action/surroundings.sh
source "${BASH_SOURCE[0]%/*}/surroundings.sh"
keep_known_variables
neutral_folder

source_folder=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
table=$source_folder/action/hashes.txt
repository=cargo-custody/cargo-custody
own_version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$source_folder/Cargo.toml" | head -n 1)
version=${CUSTODY_VERSION:-$own_version}
exe=
[ "${RUNNER_OS:-}" != Windows ] || exe=.exe

[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail '"version" is to read 1.2.3'

# Hands the program over, once it says what it is; the version does not matter where it is empty.
done_with() {
    local told
    told=$("$1" --version) || fail 'the program does not start'
    told=${told%$'\r'}
    [[ $told =~ ^cargo-custody\ [0-9A-Za-z.+-]+$ ]] || fail 'the program does not say that it is cargo-custody'
    [ -z "$2" ] || [ "$told" = "cargo-custody $2" ] || fail "expected version $2, and this is $told"
    printf 'binary=%s\n' "$1" >> "$GITHUB_OUTPUT"
    printf 'Using %s from %s\n' "$told" "$3"
    exit 0
}

if [ -n "${CUSTODY_BINARY_PATH:-}" ]; then
    case $CUSTODY_BINARY_PATH in
        *[[:cntrl:]]*) fail '"binary-path" is no path' ;;
    esac
    binary=$(cd "$GITHUB_WORKSPACE" && realpath -- "$CUSTODY_BINARY_PATH") || fail '"binary-path" names no file'
    case $binary in
        "$(cd "$GITHUB_WORKSPACE" && pwd -P)"/*)
            fail '"binary-path" lies in the workspace, which the change under audit writes; keep it outside' ;;
    esac
    [ -f "$binary" ] && [ -x "$binary" ] || fail '"binary-path" names no program'
    done_with "$binary" "${CUSTODY_VERSION:-}" binary-path
fi

case ${CUSTODY_INSTALL:-} in
    ''|release|cargo) ;;
    *) fail '"install" is "release" or "cargo"' ;;
esac

case ${RUNNER_OS:-$(uname -s)} in
    Linux) system=unknown-linux-musl ;;
    macOS|Darwin) system=apple-darwin ;;
    Windows|MINGW*|MSYS*) system=pc-windows-msvc ;;
    *) system=unknown ;;
esac
case ${RUNNER_ARCH:-$(uname -m)} in
    X64|x86_64|amd64) target=x86_64-$system ;;
    ARM64|arm64|aarch64) target=aarch64-$system ;;
    *) target=unknown-$system ;;
esac

expected=$(awk -v v="$version" -v t="$target" '$1 == v && $2 == t { print $3 }' "$table")

if [ "${CUSTODY_INSTALL:-}" = cargo ] || { [ -z "$expected" ] && [ "${CUSTODY_INSTALL:-}" != release ]; }; then
    [ "$version" = "$own_version" ] ||
        fail "action/hashes.txt has no cargo-custody $version for $target, and this source is $own_version"
    command -v cargo >/dev/null || fail "no released binary of $version for $target is known here, and there is no cargo"
    printf 'Building cargo-custody %s: no released binary for %s is used\n' "$version" "$target"
    CARGO_HOME=$RUNNER_TEMP/cargo-custody/cargo-home CARGO_TARGET_DIR=$RUNNER_TEMP/cargo-custody/target \
        cargo install --locked --quiet --path "$source_folder" --root "$RUNNER_TEMP/cargo-custody/built"
    done_with "$RUNNER_TEMP/cargo-custody/built/bin/cargo-custody$exe" "$version" "source, built here"
fi

[ -n "$expected" ] || fail "action/hashes.txt has no cargo-custody $version for $target"
[[ $expected =~ ^[0-9a-f]{64}$ ]] || fail 'action/hashes.txt is damaged'

# `-q` first: no settings of a home folder.
fetch() {
    curl -q --proto '=https' --proto-redir '=https' --tlsv1.2 --fail --silent --show-error --location \
        --retry 3 --max-filesize 104857600 --output "$2" -- "$1" || fail "failed to download $1"
}

suffix=tar.gz
[ "$system" != pc-windows-msvc ] || suffix=zip
archive=cargo-custody-$version-$target.$suffix
address=https://github.com/$repository/releases/download/v$version
fetch "$address/$archive" "$archive"

if command -v sha256sum >/dev/null; then
    actual=$(sha256sum -- "$archive")
else
    actual=$(shasum -a 256 -- "$archive")
fi
actual=${actual#\\}
[ "${actual%% *}" = "$expected" ] || fail "$archive has another hash than action/hashes.txt says"

# Beside the hash: that our release workflow built it. The bundle makes it need no token.
if command -v gh >/dev/null && gh attestation verify --help >/dev/null 2>&1; then
    fetch "$address/cargo-custody-$version.sigstore.json" bundle.json
    gh attestation verify "$archive" --bundle bundle.json --repo "$repository" \
        --signer-workflow "$repository/.github/workflows/release.yml" >/dev/null || fail "$archive is not attested"
    printf 'The attestation of %s holds\n' "$archive"
fi

mkdir -p ../bin
if [ "$suffix" = zip ]; then
    unzip -q -o "$archive" "cargo-custody$exe" -d ../bin
else
    tar -xzf "$archive" -C ../bin "cargo-custody$exe"
fi
done_with "$RUNNER_TEMP/cargo-custody/bin/cargo-custody$exe" "$version" "the release, hash as in action/hashes.txt"
