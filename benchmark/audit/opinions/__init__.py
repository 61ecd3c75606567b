"""What models and annotators say of the label of each text."""
