"""One trial: its inputs are prepared, the method is trained, evaluated and scored."""
