"""What staff set by page (`saving`), their texts beside the standard ones (`wordings`), and `logos`."""
