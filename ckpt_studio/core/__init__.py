"""What a checkpoint is: dtypes, tensors and storages, the object tree, state dicts, edits, history, jobs."""
