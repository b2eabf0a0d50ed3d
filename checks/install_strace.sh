#!/bin/sh
# The log's fault tests need strace, which PyPI does not have: Debian's package where root may install it, else a word.
set -eu
if command -v strace > /dev/null; then exit 0; fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "Installing Debian's strace for the log's fault tests"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends strace > /dev/null; then exit 0; fi
fi
echo "No strace here: the log's fault tests are left out. Install it to run them: apt-get install strace"
