"""The screens of the page, a module for each: read a use case, show its result."""
