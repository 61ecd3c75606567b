"""Whether an archive of a stranger may be merged: its sums, its claims, its trials run
again.
"""
