"""Close a month: prove it, gather its pack, record it in the book, deliver it; and find what changed in it since."""
