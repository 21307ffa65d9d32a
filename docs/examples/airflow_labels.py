"""Labels checked in Airflow before anything is trained on them.

A gate that says no is not a crash: it is skipped over (exit code 1), and never tried again. What could not run (exit
code 2) is tried twice more. The last line of standard output, one JSON object, goes to XCom.
"""

from __future__ import annotations

import pendulum
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag

BUCKETS = 16


@dag(schedule="@daily", start_date=pendulum.datetime(2026, 1, 1), catchup=False, tags=["labels"])
def labels():
    """Buckets, their sums, the gate, and the labels to train on."""
    shard = BashOperator(
        task_id="shard",
        bash_command="workbench shard /data/deliveries/{{ ds }} --out /data/labels --memory 4GB --json",
        retries=2,
    )
    tally = BashOperator.partial(task_id="tally", retries=2).expand(
        bash_command=[f"workbench tally /data/labels --bucket {i}/{BUCKETS} --json" for i in range(1, BUCKETS + 1)]
    )
    check = BashOperator(
        task_id="check",
        bash_command=(
            "workbench check /data/labels --min-alpha-lower 0.30 --max-missing 0.05 --undecided fail --json"
            " --junit /data/reports/{{ ds }}.xml"
        ),
        skip_on_exit_code=[1],
        retries=0,
    )
    aggregate = BashOperator(task_id="aggregate", bash_command="workbench aggregate /data/labels --json", retries=2)
    shard >> tally >> check >> aggregate


labels()
