#!/usr/bin/env bash
# The official MCP conformance suite against `serve --http`, for both revisions. Usage: tests/conformance/run.sh [folder]
# The results go to the folder, or to one that is removed again. XPORTCN_ORDERS: path of the server's command, where it
# is not the project's .venv/bin/xportcn-orders.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../support/serving.sh"
scratch=$(mktemp -d)
results=${1:-$scratch/results}
trap 'stop_http; rm -rf "$scratch"' EXIT

npm install --prefix "$here" --no-package-lock --no-audit --no-fund --prefer-offline --loglevel=error >&2 || exit 2
mkdir -p "$results"
serve_http "$scratch" "${XPORTCN_ORDERS:-$here/../../.venv/bin/xportcn-orders}" || exit 2

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
