#!/bin/sh
# Runs "primanota WORDS" once a week, from Monday 07:00 on, by the clock of the zone in TZ. A week that began while the
# container was off is made up for at its start. After a failure it tries again a day later.
#
#   weekly WORDS...     for ever
#   weekly --health     whether the last run ended well, as an exit code
set -u

state=${PRIMANOTA_HOME:-/data}/weekly
hours=7      # after Monday's midnight
nap=300      # seconds between two looks at the clock
pause=86400  # seconds after a failure

week() { date --date "$hours hours ago" +%G-W%V; }
now() { date +%s; }
last() { cat "$state/$1" 2>/dev/null; }

due() {
    [ "$(last done)" != "$(week)" ] && [ "$(now)" -ge "$(last retry || echo 0)" ]
}

# The week is read before the run, for a run may end in the next one.
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
