#!/bin/sh
# Run "primanota WORDS" once a week, from Monday 07:00 on, in the time zone of TZ. A run missed while the container was
# off is made up for at its start. After a failure it is tried again a day later.
#
#   weekly WORDS...     run for ever
#   weekly --health     exit with 0 if the last run succeeded, else with 1
set -u

state=${PRIMANOTA_HOME:-/data}/weekly
hours=7      # after Monday's midnight
nap=300      # seconds between two checks of the time
pause=86400  # seconds after a failure

week() { date --date "$hours hours ago" +%G-W%V; }
now() { date +%s; }
last() { cat "$state/$1" 2>/dev/null; }

due() {
    [ "$(last done)" != "$(week)" ] && [ "$(now)" -ge "$(last retry || echo 0)" ]
}

# The week is computed before the run, as a run may end in the next one.
run() {
    this=$(week)
    if "$@"; then
        echo "$this" >"$state/done"
        rm -f "$state/retry"
    else
        echo "$(($(now) + pause))" >"$state/retry"
    fi
}

if [ "${1-}" = --health ]; then
    [ ! -e "$state/retry" ]
    exit
fi

trap 'exit 0' TERM INT
mkdir -p "$state" || exit
while :; do
    if due; then run primanota "$@"; fi
    sleep "$nap" &
    wait $!
done
