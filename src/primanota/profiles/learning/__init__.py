"""A profile from a file that the tool accepts: what it is sure to say, what is likely, and what is to be asked.

    bytes -> encoding -> table -> columns -> days, amounts, texts -> the text of a profile

Nothing is asked here. Each question that a sample leaves open comes out with its likeliest answer; whoever has asked
begins again with what was answered.
"""

from primanota.profiles.learning.as_toml import as_toml
from primanota.profiles.learning.doubts import Answer, Doubt
from primanota.profiles.learning.guessing import Guess, learn

__all__ = ["Answer", "Doubt", "Guess", "as_toml", "learn"]
