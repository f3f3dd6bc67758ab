"""The outside world: storage, mail, secrets, settings, schedulers."""
