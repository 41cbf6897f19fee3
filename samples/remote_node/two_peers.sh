#!/bin/sh
# two_peers.sh MODEL.rdu: two peers with keys on loopback, and the model on both.
set -eu
model=$1
work=$(mktemp -d)
trap 'kill $first $second 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
first= second=

for name in first second client; do rdu-node keygen "$work/$name.key" >"$work/$name.public"; done
echo "$(cat "$work/client.public") me run,upload,admin" >"$work/clients"

start() {
  rdu-node --bind tcp://127.0.0.1:0 --key "$work/$1.key" --allow "$work/clients" --data "$work/$1" >"$work/$1.says" &
}
start first && first=$!
start second && second=$!

# What a peer says ends with the address of its health pages.
for name in first second; do
  for _ in $(seq 100); do grep -q '^health' "$work/$name.says" && break; sleep 0.1; done
  cat "$work/$name.says"
done

uri() { sed -n 's/^device  *remote:\(.*\)?server_key=.*/\1/p' "$work/$1.says"; }
key() { sed -n 's/^device .*server_key=//p' "$work/$1.says"; }
export RDU_REMOTE_KEY_FILE="$work/client.key"
for name in first second; do
  rdu bench "$model" --device "remote:$(uri $name)?server_key=$(key $name)" --no-fallback --seconds 0.2
done
rdu bench "$model" --device "remote:$(uri first),$(uri second)?server_key=$(key first),$(key second)" --no-fallback --seconds 0.2
