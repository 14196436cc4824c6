#!/usr/bin/env bash
# Builds what is released for one target: `build.sh TARGET FOLDER [wheel]`. One commit gives the same bytes in whatever
# folder it is built, on the same kind of machine; the release workflow builds the Linux targets twice and compares.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=${1:?a target}
out=${2:?a folder}
cargo=${CARGO:-cargo}
python=${PYTHON:-python3}
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
# `init` pins this action with the commit that is released.
CUSTODY_RELEASE_COMMIT=${CUSTODY_RELEASE_COMMIT:-}
export SOURCE_DATE_EPOCH CUSTODY_RELEASE_COMMIT

here=$(pwd -P)
home=${CARGO_HOME:-$HOME/.cargo}
if command -v cygpath >/dev/null; then
    here=$(cygpath -w "$here")
    home=$(cygpath -w "$home")
fi
flags="--remap-path-prefix=$here=/cargo-custody"$'\x1f'"--remap-path-prefix=$home=/cargo"
exe=
case $target in
    *-windows-msvc)
        exe=.exe
        flags+=$'\x1f-Ctarget-feature=+crt-static\x1f-Clink-arg=/Brepro'
        ;;
    *-linux-musl)
        flags+=$'\x1f-Ctarget-feature=+crt-static'
        export "CC_${target//-/_}=musl-gcc"
        export CFLAGS="-ffile-prefix-map=$here=/cargo-custody -ffile-prefix-map=$home=/cargo"
        ;;
    *)
        export CFLAGS="-ffile-prefix-map=$here=/cargo-custody -ffile-prefix-map=$home=/cargo"
        # `ar` of macOS writes the time otherwise.
        export ZERO_AR_DATE=1
        ;;
esac
export CARGO_ENCODED_RUSTFLAGS=$flags CARGO_TARGET_DIR=target CARGO_INCREMENTAL=0
unset RUSTFLAGS RUSTC_WRAPPER

"$cargo" build --locked --release --target "$target"
mkdir -p "$out"
"$python" packaging/pack.py "target/$target/release/cargo-custody$exe" "$out/cargo-custody-$version-$target"

if [ "${3:-}" = wheel ]; then
    out=$(cd "$out" && pwd)
    case $target in
        # Static: it runs under any C library.
        *-linux-musl) compatibility=(manylinux2014 musllinux_1_1) ;;
        *) compatibility=(pypi) ;;
    esac
    (cd packaging/pypi && CARGO_TARGET_DIR=../../target maturin build --locked --release --target "$target" \
        --compatibility "${compatibility[@]}" --out "$out")
fi
