"""Tables of any tool: which column holds what, by mapping or by guess."""
