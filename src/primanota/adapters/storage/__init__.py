"""Storage: files on this machine and in S3, and books in S3 or on a shared folder."""
