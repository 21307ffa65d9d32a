"""The one data structure: items, judgements, gold, the label scale, and how an export becomes one."""
