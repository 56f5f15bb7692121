"""From accounts, visits and sightings to people."""
