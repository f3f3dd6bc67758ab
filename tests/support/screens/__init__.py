"""What a person sees: terminals, pages, pictures."""
