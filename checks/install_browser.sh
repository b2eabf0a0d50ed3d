#!/bin/sh
# The pages' tests need a browser, which PyPI does not have: Debian's package where root may install it, else a word.
set -eu
if command -v chromium > /dev/null; then exit 0; fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
    echo "Installing Debian's chromium for the pages' tests"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium > /dev/null; then exit 0; fi
fi
echo "No chromium here: the tests in a browser are left out. Install it to run them: apt-get install chromium"
