"""Set up and examine an installation: logins, consents, schedules, completions, backups."""
