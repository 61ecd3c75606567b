"""What a way to choose a method is worth, on trials that it has not seen."""
