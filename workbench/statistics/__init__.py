"""Statistics that several wings share: proportions, multiplicity."""
