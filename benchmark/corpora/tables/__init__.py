"""Tables as programs export them: how a file is written, its rows, its columns, and
what its cells can mean.
"""
