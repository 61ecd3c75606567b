"""Features of texts from frozen encoders, kept by content in the user's cache."""
