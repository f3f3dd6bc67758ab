"""Decode Qonto's JSON into the objects of the model. Pure."""
