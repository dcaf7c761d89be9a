#!/usr/bin/env bash
# Lists, previews, answers the dialog and places with the MCP Inspector, over stdio and HTTP. Usage: tests/inspector/run.sh
# XPORTCN_ORDERS: path of the server's command, where it is not the project's .venv/bin/xportcn-orders.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../support/serving.sh"
server=${XPORTCN_ORDERS:-$here/../../.venv/bin/xportcn-orders}
scratch=$(mktemp -d)
trap 'stop_http; rm -rf "$scratch"' EXIT

npm install --prefix "$here" --no-package-lock --no-audit --no-fund --prefer-offline --loglevel=error >&2 || exit 2
mkdir "$scratch/http"
serve_http "$scratch/http" "$server" || exit 2

# A home and a daemon of its own: nobody's catalogue, secrets or connections are touched.
HOME=$scratch MCP_INSPECTOR_DAEMON_DIR=$scratch/daemon MCP_INSPECTOR_DAEMON_TOKEN=$RANDOM$RANDOM$RANDOM$RANDOM \
  PATH=$here/node_modules/.bin:$PATH XPORTCN_STORE=sqlite:///$scratch/stdio.sqlite3 XPORTCN_KEY_FILE=$scratch/key/ledger.key \
  node "$here/inspector.mjs" "$url" "$server"
