# For the scripts that need `serve --http`: `. tests/support/serving.sh`, then `serve_http FOLDER COMMAND...`.

# Starts the server on a free port with its ledger in FOLDER; sets `url` and `pid`. What it logs goes to FOLDER/server.log.
serve_http() {
  local folder=$1
  shift
  XPORTCN_STORE="sqlite:///$folder/ledger.sqlite3" XPORTCN_KEY_FILE="$folder/key/ledger.key" "$@" serve --http --port 0 2>"$folder/server.log" &
  pid=$!
  for _ in $(seq 100); do
    url=$(sed -n 's/.*"message": "listening", "url": "\([^"]*\)".*/\1/p' "$folder/server.log")
    [ -n "$url" ] && return 0
    sleep 0.1
  done
  cat "$folder/server.log" >&2
  echo "the server did not start" >&2
  return 1
}

# Stops the server that was started, and waits for it.
stop_http() {
  if [ -n "${pid:-}" ] && kill "$pid" 2>/dev/null; then wait "$pid"; fi
  pid=
}
