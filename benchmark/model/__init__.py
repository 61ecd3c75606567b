"""A model to keep: trained as a trial trains, saved, loaded, and asked about texts."""
