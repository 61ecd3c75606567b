"""A static site of archives: a leaderboard, and below each number the trials behind
it.
"""
