f() { f "$@"; g $1; }; g() { f ${@:2}; shift $n; "$@"; }; f a; g; V=$V$V; V+=${V%%*}${V/a/${V}}; A=(${A[@]} $A); "${A[@]}"
while V=$V/x; do use ${V:-${W:-${V}}}; done; ${!V} ${#V} ${V:0:} ${V:a:b} ${} ${:-x} ${V[} ${@:0} ${@:x} ${V^^a}
eval "set -e"; bash -c 'set -e; f' <<< "$(f)"; set -o; set - ; set +; shopt -so; shift; shift x; read <<< a; read -r V <<<; trap; find -exec; find -exec + ; ssh
