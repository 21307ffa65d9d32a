"""One module an export format: recognise it, read it."""
