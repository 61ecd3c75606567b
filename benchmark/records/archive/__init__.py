"""All records in one Parquet file: committed, merged, and enough for all statistics."""
