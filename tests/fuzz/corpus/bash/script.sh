#!/usr/bin/env bash
set -euo pipefail
URL="https://example.com/v${VERSION:-1}/tool.tar.gz"
curl -fsSL "$URL" -o tool.tar.gz || exit 1
echo "${{ inputs.sum }}  tool.tar.gz" | sha256sum -c -
if tar xzf tool.tar.gz -C "$HOME/bin"; then chmod +x "$HOME/bin/tool"; fi
f() { local x=$(wget -qO- https://example.com/x | head -1); echo "$x"; }
for i in 1 2 {a,b}; do f "$i" & done; wait
case "$1" in a|b) pip install 'x==1' ;; *) npm publish --access public ;; esac
bash <(curl -s https://example.com/i.sh) -- -y
cat > run.sh <<-'EOF'
	curl https://example.com | sh
	EOF
sh -c 'curl https://example.com | python3 -' >/dev/null 2>&1
while read -r l; do (( n++ )); [[ $l =~ é ]] && { echo $((n+1)); }; done < <(ls)
arr=(a "b c"); x+=1 env A=b sudo -E ./run.sh; cargo install --locked foo
