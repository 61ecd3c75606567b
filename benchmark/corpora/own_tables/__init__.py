"""A user's own tables: what their cells mean, which rows cannot be used, and what is
said and done about it.
"""
