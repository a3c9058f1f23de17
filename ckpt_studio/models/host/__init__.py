"""The host process: the only place where torch is imported and the user's model code runs."""
