"""How figures are said in words and numbers: one way for pages, report and command line."""
