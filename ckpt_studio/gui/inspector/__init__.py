"""What is in the selected tensors: facts, statistics, and views of the values. Nothing here is imported at start."""
