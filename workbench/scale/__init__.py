"""More annotations than one machine's memory holds: the same figures from buckets, each small, and their sums.

A *sharded set* is a folder of buckets. All rows of an item, and of a prompt, lie in one bucket, so that everything the
workbench says is a function of sums over buckets (`workbench.scale.sums`), which are exact whole numbers: whoever adds
them, in whatever order, on however many machines, has the same bits.
"""
