#!/bin/sh
# A delivery of labels, checked: for cron, and for whatever runs a script.
#   0 6 * * 1-5  cd /srv/labels && ./check-labels.sh deliveries/$(date +\%F).parquet >> check.log 2>&1
# Exit code 0: train on it. 1: the labels miss a line, running it again changes nothing. 2: it could not run.
set -u
delivery=$1
out=${2:-reports/$(basename "$delivery")}
mkdir -p "$out"

workbench report "$delivery" --out "$out/report.html" --json-out "$out/report.json" || exit 2
workbench check "$delivery" --min-alpha-lower 0.30 --max-missing 0.05 \
    --json --out "$out/check.json" --junit "$out/check.xml"
code=$?
# The last line of standard output is one JSON object, whatever came before it.
if [ -f "$out/check.json" ]; then cat "$out/check.json"; fi
exit "$code"
