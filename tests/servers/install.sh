#!/bin/sh
# Installs the servers that tests start, where this may be done. A test whose server is missing is skipped and says so.
set -eu
# Emulators of Google's and Azure's object stores, for their clients. Each is skipped where its registry is not reached.
gcs=.tools/gcs
[ -x $gcs/bin/gcp-storage-emulator ] \
    || { python3 -m venv $gcs && $gcs/bin/pip install --quiet --disable-pip-version-check gcp-storage-emulator==2026.7.19; } >/dev/null 2>&1 \
    || echo "pip could not install gcp-storage-emulator. Its tests are skipped." >&2
[ -x .tools/azurite/node_modules/.bin/azurite-blob ] \
    || npm install --silent --no-audit --no-fund --prefix .tools/azurite azurite@3.37.0 >/dev/null 2>&1 \
    || echo "npm could not install azurite. Its tests are skipped." >&2
# What examines the report for people who do not see it.
[ -e .tools/axe/node_modules/axe-core/axe.min.js ] \
    || npm install --silent --no-audit --no-fund --prefix .tools/axe axe-core@4.14.1 >/dev/null 2>&1 \
    || echo "npm could not install axe-core. Its tests are skipped." >&2
missing=""
[ -n "$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null)" ] || missing="$missing postgresql"
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
[ -x /usr/sbin/sshd ] || missing="$missing openssh-server"
command -v chromium >/dev/null || missing="$missing chromium"
command -v java >/dev/null || missing="$missing default-jre-headless" # for Spark
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Not installed, because this needs root and apt-get:$missing. Their tests are skipped." >&2
    exit 0
fi
# Debian starts what it installs; the tests start their own.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
# shellcheck disable=SC2086
{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing; } >/dev/null 2>&1 \
    || echo "apt-get could not install$missing. Their tests are skipped." >&2
rm -f /usr/sbin/policy-rc.d
