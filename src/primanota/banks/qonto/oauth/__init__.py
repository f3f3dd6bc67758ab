"""OAuth 2.0 at Qonto: the consent of an organisation, its tokens, and their renewal."""
