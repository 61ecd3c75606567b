"""What trials share, one kind of artefact a file: how it is made and how it is read."""
