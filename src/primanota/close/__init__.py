"""The parts of a month's pack: certificate, tables, packages for DATEV, manifest, and the zip that has them."""
