"""Parameters of methods and noises: their types, ranges and bounds."""
