"""Which labels of a table are wrong: scores, proposals, counts and what is written of
them.
"""
