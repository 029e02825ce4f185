# Sourced by the scripts beside this folder, with $root set: puts Node 24 on the PATH, and the packages of the lock file
# into node_modules. When nothing is to do it costs a few milliseconds.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# step TEXT COMMAND...: runs a command that takes longer, and says so before and after.
step() {
  local text=$1 began=$SECONDS
  shift
  printf '• %s …\n' "$text"
  "$@" || fail "$text failed; what it said is above."
  printf '✓ %s (%s s)\n' "$text" "$((SECONDS - began))"
}

is_node_24() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 24 ] 2>/dev/null
}

ours="$root/.node/node_modules/node/bin"
if ! is_node_24 node; then
  if ! is_node_24 "$ours/node"; then
    command -v npm >/dev/null || fail 'npm was not found: install Node.js 20 or later, which brings it.'
    mkdir -p "$root/.node"
    step 'Bringing Node 24 into this folder' npm install --prefix "$root/.node" --loglevel=error --no-audit --no-fund node@24
    is_node_24 "$ours/node" || fail 'Node 24 could not be brought by npm: install Node.js 24 or later and start again.'
  fi
  PATH="$ours:$PATH"
fi

# npm writes the hidden lock file last, so it is there and newer than the lock file only after a whole install.
if [ ! -f "$root/node_modules/.package-lock.json" ] || [ "$root/package-lock.json" -nt "$root/node_modules/.package-lock.json" ]; then
  install_packages() (cd "$root" && npm ci --loglevel=error --no-audit --no-fund)
  step 'Installing packages' install_packages
fi

# Compiled code is kept between starts, which saves about half of the time that a process needs to start.
export PATH NODE_COMPILE_CACHE="$root/node_modules/.cache/node"
