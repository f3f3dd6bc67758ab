"""The bank's answers, mutated, and clocks that jump.

A case is a company, perhaps a clean week, then trouble, then a bank that answers right again (``story.py``). A case
that fails is repeated by its seed and number. To make it smaller, give its mutations, plan and jumps to
``test_any_case`` with ``hypothesis.example``, which shrinks what it finds, or add it to ``_FOUND`` beside it.
"""
