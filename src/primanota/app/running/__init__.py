"""Run the weekly job of one or several organisations and report it by mail, or its first step: sync what is new."""
