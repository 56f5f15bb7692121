"""Capture–recapture: how many were never seen, from how often the others were."""
