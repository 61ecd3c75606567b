"""What a trial is, what is kept of it, and under which code and libraries it was
made.
"""
