"""How automatic mapping finds its pairs; `ckpt_studio.compare.align` is the door."""
