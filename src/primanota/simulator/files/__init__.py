"""The files of the bank: attachments and statements, on a host of their own, behind signed links that expire."""
