#!/usr/bin/env bash
# The whole purchase through the two official TypeScript clients, over stdio and HTTP. Usage: tests/typescript/run.sh
# XPORTCN_ORDERS: the server's command, where it is not the project's .venv/bin/xportcn-orders.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
passed=0
failed=0

fail() {
  echo "FAILED $1"
  failed=$((failed + 1))
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# One path (it may hold blanks), or a command with arguments.
given=${XPORTCN_ORDERS:-$here/../../.venv/bin/xportcn-orders}
if [ -x "$given" ]; then server=("$given"); else read -ra server <<<"$given"; fi
if ! program=$(type -P "${server[0]}"); then
  fail "there is no ${server[0]}: install the project, or name the server in XPORTCN_ORDERS"
  finish
fi
# The server starts in a folder of its own, where a relative path would lead nowhere.
server[0]=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")

if ! told=$(npm install --prefix "$here" --no-package-lock --no-audit --no-fund --prefer-offline \
  --fetch-timeout=30000 --fetch-retries=1 --loglevel=error 2>&1); then
  echo "$told" >&2
  fail "npm install"
  finish
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
for client in sdk-1 client-2; do
  node "$here/$client.mjs" "${server[@]}" | tee "$log"
  status=$?
  passed=$((passed + $(grep -c '^ok ' "$log")))
  faults=$(grep -c '^FAILED ' "$log")
  failed=$((failed + faults))
  if [ "$status" -ne 0 ] && [ "$faults" -eq 0 ]; then fail "$client stopped early with status $status"; fi
done
finish
