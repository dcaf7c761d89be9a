#!/usr/bin/env bash
# The official MCP conformance suite against `serve --http`, for both revisions. Usage: tests/conformance/run.sh [folder]
# The results go to the folder, or to one that is removed again. XPORTCN_ORDERS: the server's command, where it is not
# the project's .venv/bin/xportcn-orders.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
server=${XPORTCN_ORDERS:-$here/../../.venv/bin/xportcn-orders}
scratch=$(mktemp -d)
results=${1:-$scratch/results}
pid=

leave() {
  if [ -n "$pid" ] && kill "$pid" 2>/dev/null; then wait "$pid"; fi
  rm -rf "$scratch"
}
trap leave EXIT

npm install --prefix "$here" --no-package-lock --no-audit --no-fund --prefer-offline --loglevel=error >&2 || exit 2
mkdir -p "$results"

# Port 0: the server takes a free one and says which in its log.
XPORTCN_STORE="sqlite:///$scratch/ledger.sqlite3" "$server" serve --http --port 0 2>"$scratch/server.log" &
pid=$!
for _ in $(seq 100); do
  url=$(sed -n 's/.*"message": "listening", "url": "\([^"]*\)".*/\1/p' "$scratch/server.log")
  [ -n "$url" ] && break
  sleep 0.1
done
if [ -z "$url" ]; then
  cat "$scratch/server.log" >&2
  echo "the server did not start" >&2
  exit 2
fi

status=0
for revision in 2025-11-25 2026-07-28; do
  report=$results/$revision.txt
  "$here/node_modules/.bin/node" "$here/node_modules/@modelcontextprotocol/conformance/dist/index.js" server \
    --url "$url" --requirements "$revision" --expected-failures "$here/expected-failures-$revision.yaml" \
    --output-dir "$results/$revision" >"$report" 2>&1 || status=1
  echo "== $revision"
  sed -n '/^=== SUMMARY ===/,$p' "$report"
done
exit "$status"
