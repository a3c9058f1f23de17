"""Where skeletons (what a model expects) come from: the baked catalog, the host process, another file."""
