"""One folder for each bank; ``base.py`` says what a bank must offer."""
