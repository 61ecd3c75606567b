"""What a GPU needs to be busy: few shapes, captured passes, batches made ahead."""

PLAIN_PASSES = "plain passes"
"""What a record says behind the name of a GPU whose passes were not captured."""
