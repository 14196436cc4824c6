set -euo pipefail
V=${V:-1.2.3}
names=(a "b c")
names+=(d)
get() {
  local url=$1 to=${2:-${1##*/}}
  shift 2 || return 1
  curl -fsSL "$url" -o "$to" || { echo "no $url"; exit 1; }
  check "$to" "${@:1}"
}
check() { echo "$2  $1" | sha256sum -c - | grep OK; }
retry() { n=$1; shift; until "$@"; do sleep "$n"; done; }
get "https://example.com/v${V#v}/x-${V//./_}.tgz" x.tgz 00
retry 5 get https://example.com/y "" 11
if get a b; then :; elif ! check a b; then trap 'rm -f x; exit 1' ERR EXIT; fi
case $(uname -m) in x86_64) A=amd64 ;; *) A=$(printf '%s' arm64) ;; esac
for f in "${names[@]}"; do V+=$f; find . -name "$f" -exec sh -c 'tar xf "$1"' _ {} \;; done
read -r a b <<< "1 2"
(set +e; x=$(false; echo "$A"); ssh h 'curl u | sh') || ! { a; b; } &
wait $! && su - me -c "echo $V" | tee l
