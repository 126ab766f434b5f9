"""How fast training and predicting are, as ratios to others within one run."""
