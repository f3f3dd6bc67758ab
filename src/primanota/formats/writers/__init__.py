"""The writers of file formats; ``primanota.formats`` has the table of their names."""
