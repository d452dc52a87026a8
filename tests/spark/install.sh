#!/bin/sh
# Installs Java, which Spark runs on, where there is none. Fails where it may not: without it nothing is tested.
set -eu
command -v java >/dev/null && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Spark's tests need Java 17 or later. Install it: apt-get install default-jre-headless" >&2
    exit 1
fi
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends default-jre-headless >/dev/null
