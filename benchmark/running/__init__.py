"""A run: availability, execution, stopping."""
