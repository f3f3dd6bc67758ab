"""Run the weekly job of one or several organisations, and report it by mail."""
