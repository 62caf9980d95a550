"""Face recognisers rebuilt in torch, so that gradients reach the picture."""
