"""Bytes <-> Checkpoint: sniffing, one module per format, the code-free unpickler, the writers."""
