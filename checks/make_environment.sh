#!/bin/sh
# Make the environment: make_environment.sh FOLDER [PYTHON]. Without one named, the fastest of the machine's Pythons:
# builds of one version differ by a third, and a hub spends nine tenths of its time in the interpreter.
set -eu
folder=$1
python=${2:-}

enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; }
whole() { "$1" -c 'import ensurepip, venv' 2> /dev/null; }
# Thousandths of a second of a loop like ours: objects, dictionaries, text; the best of seven.
pace() {
    "$1" -c '
from time import process_time as now
def loop():
    start, kept = now(), {}
    for n in range(20000):
        kept[str(n)] = one = {"n": n}
        isinstance(one, dict) and kept.get(str(n // 2))
    return now() - start
print(int(min(loop() for _ in range(7)) * 1e5))'
}

if [ -z "$python" ]; then
    python=python3
    best=""
    for candidate in python3 /usr/bin/python3 /usr/local/bin/python3; do
        if enough "$candidate" && whole "$candidate"; then
            took=$(pace "$candidate")
            # A tenth is no difference: then the first named stays.
            if [ -z "$best" ] || [ $((took * 11)) -lt $((best * 10)) ]; then
                best=$took
                python=$candidate
            fi
        fi
    done
fi
enough "$python" || {
    echo "Veta needs Python 3.11 or newer as $python; name another: make PYTHON=python3.12 ..." >&2
    exit 1
}
echo "Making the environment in $folder with $("$python" --version), $(command -v "$python")"
whole "$python" || sh checks/install_venv.sh "$python"
"$python" -m venv "$folder"
