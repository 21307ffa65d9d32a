"""How often each interval of the product holds what it is about: cells of simulation, one module a kind."""
