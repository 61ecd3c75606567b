"""What a GPU needs to be busy: few shapes, captured passes, batches made ahead."""
