#!/bin/sh
# session.sh PYTHON SYSTEM_PYTHON FLAG: shows everything on a screen nobody sees, and looks at it as a screen reader does.
"$1" -m tests.gui.at_spi.shown "$3" >&2 &
program=$!
trap 'kill "$program" 2>/dev/null' EXIT
waited=0
while [ ! -s "$3" ]; do
    kill -0 "$program" 2>/dev/null || exit 3
    waited=$((waited + 1))
    [ "$waited" -lt 1800 ] || exit 4
    sleep 0.1
done
"$2" tests/gui/at_spi/looking.py 30
