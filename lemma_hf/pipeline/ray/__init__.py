"""The stages of the pipeline as Ray Data map stages, on this machine or on a cluster."""
