"""What `test_at_spi.py` runs on a bus of its own: a program to be looked at, and who looks at it."""
