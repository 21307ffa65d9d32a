"""Getting pairs judged: tasks to hand out, in the form the annotation tool opens."""
