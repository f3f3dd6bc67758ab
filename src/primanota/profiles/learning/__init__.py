"""Learn a profile from a file that the accounting tool accepts.

    bytes -> encoding -> table -> columns -> days, amounts, texts -> the text of a profile

Nothing is asked here. Each question that a sample leaves open is returned with its most likely answer; the caller
asks it and starts again with the answers.
"""

from primanota.profiles.learning.guess import Guess, learn
from primanota.profiles.learning.meanings import read_meaning
from primanota.profiles.learning.profile_text import profile_text
from primanota.profiles.learning.questions import Answer, Question

__all__ = ["Answer", "Guess", "Question", "learn", "profile_text", "read_meaning"]
