"""The whole audit of one annotation set, its verdict, its gate for pipelines, and its text form."""
