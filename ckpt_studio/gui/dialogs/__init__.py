"""Dialogs: each asks one question, shows its answer before it happens, and names it on its button."""
