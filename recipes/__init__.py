"""Recipes: scripts from settings to a result, each short enough for one screen.

Each is a script of the checkout, a module of the wheel and a command, with the same settings and the same `main`:

    python recipes/make_dataset.py --config recipes/configs/world.yaml
    python -m lemma_hf.recipes.make_dataset --config world
    lemma-hf make-dataset --config world

This folder is the package `lemma_hf.recipes`, as `setup.cfg` maps it; `configs/` and `accelerate/` travel with it.
"""
