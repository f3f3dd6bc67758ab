"""The folders of the settings, of books and of exported files: below one folder, or where the system has them."""

from pathlib import Path


def folders_below(home: Path) -> tuple[Path, Path, Path]:
    """Return the folders below a given one."""
    return home, home / "books", home / "exports"


def system_folders() -> tuple[Path, Path, Path]:
    """Return the folders where the system keeps settings and data of its user; files go into the working folder."""
    import platformdirs

    return platformdirs.user_config_path("primanota"), platformdirs.user_data_path("primanota"), Path()
