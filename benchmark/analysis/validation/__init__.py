"""Whether the statistics hold what they say: by simulation, and on other seeds."""
