"""Evaluation of a trained imitator: figures, where the search can exploit its errors, and a report with pictures.

`sliders` compares gradients and `options` choices with the engine; `gap` measures how much better the imitator's
drawings meet the losses of the search than the engine's renders of the same values do.
"""
