"""Which trials an experiment has, which of them are done, and in which order the rest
run.
"""
