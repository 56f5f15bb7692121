"""Ties: relations between platforms and firms, embeddedness, control, and data about people who never consented."""
