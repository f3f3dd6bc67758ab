"""Where files go, and where the book may lie: this machine, buckets, folders that several machines share."""
