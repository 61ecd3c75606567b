"""Tables with a row a method and a column a noise, one file a table."""
