"""Write the completion of words where a shell reads it."""

import shlex
from contextlib import suppress
from pathlib import Path
from typing import Literal

from primanota.adapters.settings import config
from primanota.adapters.storage import disk
from primanota.core.disk_errors import disk_error
from primanota.core.errors import NoRights

Shell = Literal["bash", "zsh", "fish"]
# Where bash-completion is installed, which reads the folder of the user by itself.
_BASH_COMPLETION = (
    *("/usr/share/bash-completion/bash_completion", "/etc/bash_completion"),
    *("/usr/local/etc/profile.d/bash_completion.sh", "/opt/homebrew/etc/profile.d/bash_completion.sh"),
)
_MARK = "# primanota completion"
_ZSH = "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }"


def install(shell: Shell, script: str) -> list[str]:
    """Write the script where the shell reads it; for zsh, or bash without bash-completion, a line that reads it, too.

    Returns:
        Sentences about what was done.

    Raises:
        PrimanotaError: a file cannot be written.
    """
    home = Path.home()
    data = _folder("XDG_DATA_HOME", home / ".local" / "share")
    match shell:
        case "fish":
            path = _folder("XDG_CONFIG_HOME", home / ".config") / "fish" / "completions" / "primanota.fish"
            return [_write(path, script)]
        case "bash" if any(Path(one).exists() for one in _BASH_COMPLETION):
            return [_write(data / "bash-completion" / "completions" / "primanota", script)]
        case "bash":
            path = data / "primanota" / "completion.bash"
            return [_write(path, script), _add(home / ".bashrc", f"source {shlex.quote(str(path))}")]
        case "zsh":
            path = data / "primanota" / "completion.zsh"
            settings = _folder("ZDOTDIR", home) / ".zshrc"
            return [_write(path, script), _add(settings, f"{_ZSH}; source {shlex.quote(str(path))}")]


def _folder(variable: str, otherwise: Path) -> Path:
    named = Path(config.shell_variable(variable) or otherwise)
    return named if named.is_absolute() else otherwise


def _write(path: Path, script: str) -> str:
    """Write the script, readable by its owner only; leave it if it is the same."""
    with suppress(OSError):
        if path.read_text(encoding="utf-8") == script:
            return f"{path} is as it should be."
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        disk.write(path, [script.encode()])
        path.chmod(0o600)
    except OSError as error:
        raise _refused(path, error) from None
    return f"Written: {path}"


def _add(path: Path, line: str) -> str:
    """Add a line to a file of the shell's settings, unless it has it; everything else stays."""
    try:
        before = path.read_bytes() if path.exists() else b""
        added = f"{line}  {_MARK}\n".encode()
        if added.strip() in before:
            return f"{path} is as it should be."
        with path.open("ab") as file:
            file.write((b"" if not before or before.endswith(b"\n") else b"\n") + added)
    except OSError as error:
        raise _refused(path, error) from None
    return f"Added to {path}: {line}"


def _refused(path: Path, error: OSError) -> Exception:
    failed = NoRights(f"{path} cannot be written: {error.strerror or error}.", "Write it by hand, without --install.")
    return disk_error(error, path, otherwise=failed)
