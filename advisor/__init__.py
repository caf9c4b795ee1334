"""A decision advisor for sustainable generative AI."""
