"""A tool that the commands of a case export for."""


def csv_tool(**columns: str) -> str:
    """Return the profile of a CSV: the template of each column, by its heading."""
    rows = "".join(f'  ["{heading}", "{template}"],\n' for heading, template in columns.items())
    return f'title = "A tool"\nformat = "csv"\nsource = "invented"\n[options]\ncolumns = [\n{rows}]\n'
