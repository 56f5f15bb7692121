"""Any country: a scenario file in, the three circles with their uncertainty out."""
