"""The languages of people who read: texts, amounts and dates. Files for programs do not use it. Pure."""
