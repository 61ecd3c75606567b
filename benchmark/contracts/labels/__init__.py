"""Labels that come from outside: votes made into one label, and files of labels."""
