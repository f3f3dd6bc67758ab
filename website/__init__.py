"""The site of the documentation: built by Sphinx from the Markdown that is there (“make docs”)."""
