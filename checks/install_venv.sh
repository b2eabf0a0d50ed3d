#!/bin/sh
# Debian and Ubuntu split ensurepip from Python; without it no environment can be made.
set -eu
package="$("$1" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")')"
if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    echo "Installing $package, which this Python lacks"
    apt-get update -q < /dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y "$package" < /dev/null
else
    echo "$1 has no ensurepip. Install it first: sudo apt-get install $package" >&2
    exit 1
fi
