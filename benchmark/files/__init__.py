"""Files on the disk: written whole or not at all, with sums, inside their folder."""
